using System.Text;
using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Pipeline.Core.Compression;
using Pipeline.Core.Hashing;
using Pipeline.Core.Streams;
using Pipeline.Oci.Documents;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>
/// A layer's tar as it was, to the byte: out of a recipe (tar-split, JSON lines) that holds headers and padding and names
/// the files whose contents go between. Each content is compared with the CRC-64 that the recipe has of it.
/// </summary>
internal sealed class TarSplitStream : ReadingStream
{
    private const int MaxLineBytes = 64 << 20;
    private const int FileEntry = 1;
    private const int SegmentEntry = 2;
    private readonly Stream _recipe;
    private readonly LayerFiles _files;
    private byte[] _line = new byte[64 << 10];
    private int _begin;
    private int _end;
    private byte[] _segment = [];
    private int _segmentAt;
    private SafeFileHandle? _file;
    private string _fileName = "";
    private long _fileAt;
    private long _fileBytes;
    private ulong _crc;
    private ulong? _wantedCrc;

    /// <param name="recipePath">The file <c>ID.tar-split.gz</c>.</param>
    /// <param name="filesPath">The directory with the layer's files.</param>
    public TarSplitStream(string recipePath, string filesPath)
    {
        _files = new LayerFiles(filesPath);
        try
        {
            _recipe = Compression.OpenDecoder(File.OpenRead(recipePath), DecoderLimits.Default);
        }
        catch
        {
            _files.Dispose();
            throw;
        }
    }

    public override int Read(Span<byte> buffer)
    {
        while (!buffer.IsEmpty)
        {
            if (_segmentAt < _segment.Length)
            {
                var count = Math.Min(buffer.Length, _segment.Length - _segmentAt);
                _segment.AsSpan(_segmentAt, count).CopyTo(buffer);
                _segmentAt += count;
                return count;
            }
            if (_file is not null)
                return ReadFile(buffer);
            if (!Next())
                return 0;
        }
        return 0;
    }

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            _file?.Dispose();
            _recipe.Dispose();
            _files.Dispose();
        }
        base.Dispose(disposing);
    }

    private int ReadFile(Span<byte> buffer)
    {
        var count = RandomAccess.Read(_file!, buffer[..(int)Math.Min(buffer.Length, _fileBytes - _fileAt)], _fileAt);
        if (count == 0)
            throw new InvalidDataException($"its file '{_fileName}' in the container storage became shorter while it was read");
        _crc = Crc64.Append(_crc, buffer[..count]);
        _fileAt += count;
        if (_fileAt < _fileBytes)
            return count;
        _file!.Dispose();
        _file = null;
        if (_wantedCrc is { } wanted && wanted != _crc)
            throw new InvalidDataException($"its file '{_fileName}' in the container storage is not what was stored: it was changed or damaged");
        return count;
    }

    private bool Next()
    {
        var line = NextLine();
        if (line.IsEmpty)
            return false;
        try
        {
            using var json = JsonDocument.Parse(line, new() { MaxDepth = 4 });
            Take(json.RootElement);
            return true;
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"its recipe (tar-split) in the container storage is damaged: {e.Message}", e);
        }
    }

    private void Take(JsonElement entry)
    {
        switch (entry.Number("type"))
        {
            case SegmentEntry:
                (_segment, _segmentAt) = (Convert.FromBase64String(entry.Text("payload") ?? throw new FormatException("a segment has no bytes")), 0);
                break;
            case FileEntry when entry.Number("size") is > 0 and var size:
                OpenFile(entry, size);
                break;
            case FileEntry:
                // Links, directories and empty files have no bytes of their own.
                break;
            default:
                throw new FormatException("an entry is neither a file nor a segment");
        }
    }

    private void OpenFile(JsonElement entry, long size)
    {
        var name = entry.Text("name_raw") is { Length: > 0 } raw ? Convert.FromBase64String(raw) : Encoding.UTF8.GetBytes(entry.Text("name") ?? "");
        if (name.Length == 0 || name.Contains((byte)0))
            throw new FormatException("a file has no name");
        _fileName = Encoding.UTF8.GetString(name);
        var crc = entry.Text("payload") is { Length: > 0 } payload ? Convert.FromBase64String(payload) : [];
        _wantedCrc = crc.Length == sizeof(ulong) ? ReadUInt64BigEndian(crc) : null;
        (_fileAt, _fileBytes, _crc) = (0, size, 0);
        var file = _files.Open(name);
        _file = file;
        if (RandomAccess.GetLength(file) != size)
            throw new InvalidDataException($"its file '{_fileName}' in the container storage has another length than what was stored");
    }

    /// <summary>The next line without its end; empty at the end of the recipe.</summary>
    private ReadOnlyMemory<byte> NextLine()
    {
        for (var searched = 0; ;)
        {
            var at = _line.AsSpan(_begin + searched, _end - _begin - searched).IndexOf((byte)'\n');
            if (at >= 0)
            {
                var line = _line.AsMemory(_begin, searched + at);
                _begin += searched + at + 1;
                if (line.Length > 0)
                    return line;
                searched = 0;
                continue;
            }
            searched = _end - _begin;
            if (Fill())
                continue;
            var last = _line.AsMemory(_begin, _end - _begin);
            _begin = _end;
            return last;
        }
    }

    private bool Fill()
    {
        _line.AsSpan(_begin, _end - _begin).CopyTo(_line);
        (_begin, _end) = (0, _end - _begin);
        if (_end == _line.Length)
        {
            if (_line.Length >= MaxLineBytes)
                throw new InvalidDataException("its recipe (tar-split) in the container storage has a line that is too long");
            Array.Resize(ref _line, _line.Length * 2);
        }
        var count = _recipe.Read(_line.AsSpan(_end));
        _end += count;
        return count > 0;
    }
}
