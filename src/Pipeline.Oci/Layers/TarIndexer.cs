using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>
/// Reads the headers of a tar that passes by in pieces of any length; file contents are only counted, never touched:
/// they stay where they are in <paramref name="source"/>. Formats: v7, ustar, pax, GNU.
/// </summary>
/// <param name="sourceOffset">Where the tar begins in the source, in bytes.</param>
/// <param name="maker">Gets each entry; what it refuses is a complaint, what is wrong here is an exception.</param>
/// <remarks>Not thread-safe. Every method throws <see cref="InvalidDataException"/> when the tar is broken.</remarks>
internal sealed class TarIndexer(ContentSource source, long sourceOffset, EntryMaker maker)
{
    private const int Block = TarHeader.Bytes;
    private readonly byte[] _block = new byte[Block];
    private int _blockFill;
    private long _position;
    private long _skip;
    private int _padding;
    private byte[]? _header;
    private int _headerFill;
    private byte _headerType;
    private int _zeroBlocks;
    private PaxRecords? _global;
    private PaxRecords? _local;
    private TarFile? _sparse;
    private SparseMap? _sparseMap;
    private SparseMapReader? _sparseMapReader;
    private long _mapBytes;

    /// <summary>Whether the two zero blocks of the end were seen; what comes after them does not belong to the tar.</summary>
    public bool IsOver => _zeroBlocks == 2;

    public void Feed(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && !IsOver)
        {
            var room = _skip > 0 ? _skip : _header is not null ? _header.Length - _headerFill : Block - _blockFill;
            var piece = data[..(int)Math.Min(room, data.Length)];
            data = data[piece.Length..];
            _position += piece.Length;
            if (_skip > 0)
                _skip -= piece.Length;
            else if (_header is not null)
                CollectHeader(piece);
            else
                CollectBlock(piece);
        }
    }

    /// <summary>Says that nothing more comes. The zero blocks may be missing, and the padding of the last entry.</summary>
    public void Complete()
    {
        var isBetweenEntries = _skip <= _padding && _header is null && _blockFill == 0 && _sparse is null && _local is null;
        if (!IsOver && !isBetweenEntries)
            throw new InvalidDataException("the tar ends in the middle of an entry");
    }

    private void CollectBlock(ReadOnlySpan<byte> piece)
    {
        if (piece.Length == Block)
        {
            TakeBlock(piece);
            return;
        }
        piece.CopyTo(_block.AsSpan(_blockFill));
        _blockFill += piece.Length;
        if (_blockFill < Block)
            return;
        _blockFill = 0;
        TakeBlock(_block);
    }

    private void CollectHeader(ReadOnlySpan<byte> piece)
    {
        piece.CopyTo(_header.AsSpan(_headerFill));
        _headerFill += piece.Length;
        if (_headerFill == _header!.Length)
            TakeHeader(_header);
    }

    private void TakeBlock(ReadOnlySpan<byte> block)
    {
        if (_sparseMapReader is not null)
            TakeSparseMap(block);
        else if (_sparse is not null)
            TakeSparseExtension(block);
        else if (!block.ContainsAnyExcept((byte)0))
            _zeroBlocks++;
        else if (_zeroBlocks > 0)
            throw new InvalidDataException("the tar goes on behind a zero block");
        else
            TakeEntry(new(block));
    }

    private void TakeEntry(TarHeader header)
    {
        if (!header.IsChecksumRight)
            throw new InvalidDataException($"there is no tar header at byte {_position - Block} (the checksum is wrong)");
        if (header.Type is (byte)'x' or (byte)'X' or (byte)'g' or (byte)'L' or (byte)'K')
        {
            BeginHeader(header);
            return;
        }
        var pax = _local ?? _global;
        _local = null;
        var file = TarFile.Create(header, pax);
        if (header.Type == (byte)'S')
            BeginSparse(file, header);
        else if (pax?.Sparse is { IsMapInData: true })
            (_sparse, _sparseMapReader) = (file, new());
        else
            Finish(file, pax?.Sparse?.Map, file.PackedBytes);
    }

    /// <summary>An entry that describes the next one: pax records (local, or global for all that follow), a long name or link.</summary>
    private void BeginHeader(TarHeader header)
    {
        var size = header.Size;
        if (size is < 0 or > LayerLimits.HeaderBytes)
            throw new InvalidDataException($"an extended header has {size} bytes; expected at most {LayerLimits.HeaderBytes}");
        (_header, _headerFill, _headerType) = (new byte[size], 0, header.Type);
        if (size == 0)
            TakeHeader([]);
    }

    private void TakeHeader(ReadOnlySpan<byte> text)
    {
        _header = null;
        Skip(0, text.Length);
        if (_headerType == (byte)'g')
        {
            (_global ??= new()).Add(text);
            return;
        }
        _local ??= _global?.Clone() ?? new();
        if (_headerType == (byte)'L')
            _local.Path = UntilNul(text);
        else if (_headerType == (byte)'K')
            _local.LinkPath = UntilNul(text);
        else
            _local.Add(text);
    }

    private void BeginSparse(TarFile file, TarHeader header)
    {
        (_sparse, _sparseMap) = (file, new());
        AddExtents(header.SparseExtents);
        if (!header.HasMoreSparse)
            FinishOldSparse();
    }

    // GNU: 21 runs of 24 bytes, then whether another such block follows.
    private void TakeSparseExtension(ReadOnlySpan<byte> block)
    {
        AddExtents(block[..(21 * 24)]);
        if (block[504] == 0)
            FinishOldSparse();
    }

    private void AddExtents(ReadOnlySpan<byte> extents)
    {
        for (; !extents.IsEmpty && extents[0] != 0; extents = extents[24..])
            _sparseMap!.Add(TarHeader.Number(extents[..12], "sparse offset"), TarHeader.Number(extents[12..24], "sparse length"));
    }

    private void FinishOldSparse()
    {
        var (file, map) = (_sparse!, _sparseMap!);
        (_sparse, _sparseMap) = (null, null);
        Finish(file, map, file.PackedBytes);
    }

    private void TakeSparseMap(ReadOnlySpan<byte> block)
    {
        _mapBytes += Block;
        if (!_sparseMapReader!.Add(block))
            return;
        var (file, map, packed) = (_sparse!, _sparseMapReader.Map, _sparse!.PackedBytes - _mapBytes);
        (_sparse, _sparseMapReader, _mapBytes) = (null, null, 0);
        Finish(file, map, packed);
    }

    private void Finish(TarFile file, SparseMap? map, long packedBytes)
    {
        var offset = sourceOffset + _position;
        var content = map is null
            ? FileContent.Of(source, offset, packedBytes)
            : map.ToContent(source, offset, packedBytes, file.RealSize ?? 0);
        maker.Add(file, content);
        Skip(packedBytes, packedBytes);
    }

    private void Skip(long bytes, long padded)
    {
        _padding = (int)(-padded & (Block - 1));
        _skip = bytes + _padding;
    }

    private static byte[] UntilNul(ReadOnlySpan<byte> text)
    {
        var end = text.IndexOf((byte)0);
        return (end < 0 ? text : text[..end]).ToArray();
    }
}
