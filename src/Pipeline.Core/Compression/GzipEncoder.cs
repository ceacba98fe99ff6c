using System.Buffers.Binary;
using System.IO.Compression;
using Pipeline.Core.Hashing;
using Pipeline.Core.Streams;

namespace Pipeline.Core.Compression;

/// <summary>
/// One gzip member (RFC 1952) whose deflate blocks are made in pieces of fixed length, side by side: each piece ends at
/// a byte boundary (an empty stored block), so that pieces can be put one after the other. No name, time 0.
/// </summary>
internal sealed class GzipEncoder(Stream output, EncoderOptions options) : WritingStream
{
    private const int DefaultLevel = 6;
    private const int PieceBytes = 2 << 20;
    private readonly int _threads = Math.Max(1, options.Threads);
    private readonly Queue<Task<Piece>> _pending = new();
    private byte[] _piece = new byte[PieceBytes];
    private int _filled;
    private uint _crc;
    private uint _length;
    private bool _isBegun;
    private bool _isOver;

    private sealed record Piece(byte[] Packed, int PackedBytes, uint Crc, int Length);

    public override void Write(ReadOnlySpan<byte> buffer)
    {
        ObjectDisposedException.ThrowIf(_isOver, this);
        while (!buffer.IsEmpty)
        {
            var count = Math.Min(buffer.Length, PieceBytes - _filled);
            buffer[..count].CopyTo(_piece.AsSpan(_filled));
            _filled += count;
            buffer = buffer[count..];
            if (_filled == PieceBytes)
                Start();
        }
    }

    private void Start()
    {
        var (piece, length, level) = (_piece, _filled, options.Level ?? DefaultLevel);
        if (_pending.Count == _threads)
            WriteOldest();
        _pending.Enqueue(Task.Run(() => Pack(piece, length, level)));
        (_piece, _filled) = (new byte[PieceBytes], 0);
    }

    private void WriteOldest()
    {
        var piece = _pending.Dequeue().GetAwaiter().GetResult();
        if (!_isBegun)
            output.Write([0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF]);  // deflate, no flags, no time, unknown system
        _isBegun = true;
        output.Write(piece.Packed, 0, piece.PackedBytes);
        _crc = Crc32Combine.Combine(_crc, piece.Crc, piece.Length);
        _length += (uint)piece.Length;
    }

    private static Piece Pack(byte[] data, int length, int level)
    {
        var packed = new MemoryStream(length / 2);
        using var deflate = new DeflateStream(packed, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true);
        deflate.Write(data, 0, length);
        deflate.Flush();
        // What closing would add is the end of the whole stream: it is not taken.
        return new(packed.GetBuffer(), (int)packed.Length, Crc32.Hash(data.AsSpan(0, length)), length);
    }

    protected override void Dispose(bool disposing)
    {
        if (_isOver || !disposing)
            return;
        _isOver = true;
        Start();
        while (_pending.Count > 0)
            WriteOldest();
        Span<byte> end = stackalloc byte[10];
        end[0] = 3;                                                 // a final, empty block
        BinaryPrimitives.WriteUInt32LittleEndian(end[2..], _crc);
        BinaryPrimitives.WriteUInt32LittleEndian(end[6..], _length);
        output.Write(end);
        base.Dispose(disposing);
    }
}
