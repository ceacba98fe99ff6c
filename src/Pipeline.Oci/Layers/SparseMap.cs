using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>The runs of a sparse file as a tar tells them. What is between and after them is hole.</summary>
internal sealed class SparseMap
{
    private readonly List<DataExtent> _extents = [];
    private long _end;
    private long _packed;

    /// <summary>How many bytes of data the tar must hold.</summary>
    public long PackedBytes => _packed;

    public int Count => _extents.Count;

    /// <summary>The next run. One of no bytes only marks the end of the file.</summary>
    /// <exception cref="InvalidDataException">It begins before the last one ended.</exception>
    public void Add(long fileOffset, long lengthBytes)
    {
        if (fileOffset < _end || lengthBytes < 0 || fileOffset > LayerLimits.FileBytes || lengthBytes > LayerLimits.FileBytes)
            throw new InvalidDataException("a sparse file has runs that overlap or are too long");
        if (lengthBytes == 0)
            return;
        if ((_extents.Count + 1) * 24L > LayerLimits.HeaderBytes)
            throw new InvalidDataException("a sparse file has too many runs");
        _extents.Add(new(fileOffset, lengthBytes, _packed));
        _packed += lengthBytes;
        _end = fileOffset + lengthBytes;
    }

    /// <summary>The content, now that it is known where the data begin.</summary>
    /// <exception cref="InvalidDataException">The runs leave the file, or the tar holds another number of bytes.</exception>
    public FileContent ToContent(ContentSource source, long sourceOffset, long packedBytes, long lengthBytes)
    {
        if (lengthBytes < _end || lengthBytes > LayerLimits.FileBytes)
            throw new InvalidDataException("a sparse file has runs behind its end");
        if (packedBytes != _packed)
            throw new InvalidDataException("a sparse file has another amount of data than its runs say");
        var extents = _extents.ConvertAll(e => e with { SourceOffset = e.SourceOffset + sourceOffset });
        return FileContent.Sparse(extents.Count == 0 ? null : source, lengthBytes, [.. extents]);
    }
}

/// <summary>The keywords <c>GNU.sparse.*</c> of an extended header; three formats, told apart by which keywords are there.</summary>
internal sealed class PaxSparse
{
    private long _offset = -1;

    /// <summary>Format 1.0: the map stands in front of the data.</summary>
    public bool IsMapInData { get; private set; }

    /// <summary>Formats 0.1 and 1.0: the name of the file; the header's is made up.</summary>
    public byte[]? Name { get; private set; }

    public long? RealSize { get; private set; }

    /// <summary>Formats 0.0 and 0.1.</summary>
    public SparseMap Map { get; } = new();

    public void Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (key.SequenceEqual("name"u8))
            Name = value.ToArray();
        else if (key.SequenceEqual("size"u8) || key.SequenceEqual("realsize"u8))
            RealSize = PaxRecords.Decimal(value);
        else if (key.SequenceEqual("major"u8))
            IsMapInData = PaxRecords.Decimal(value) == 1;
        else if (key.SequenceEqual("offset"u8))
            _offset = PaxRecords.Decimal(value);
        else if (key.SequenceEqual("numbytes"u8))
            Map.Add(_offset, PaxRecords.Decimal(value));
        else if (key.SequenceEqual("map"u8))
            AddMap(value);
    }

    private void AddMap(ReadOnlySpan<byte> value)
    {
        var offset = -1L;
        foreach (var range in value.Split((byte)','))
        {
            if (value[range].IsEmpty)
                continue;
            var number = PaxRecords.Decimal(value[range]);
            if (offset >= 0)
                Map.Add(offset, number);
            offset = offset >= 0 ? -1 : number;
        }
    }
}

/// <summary>The map of format 1.0: decimal numbers, each with a line feed, padded to whole blocks: count, then offset and length of each run.</summary>
internal sealed class SparseMapReader
{
    private long _number = -1;
    private long _left = -1;
    private long _offset = -1;

    public SparseMap Map { get; } = new();

    /// <summary>Takes one block of 512 bytes; true when the map is complete. The rest of that block is padding.</summary>
    /// <exception cref="InvalidDataException">It is not such a map.</exception>
    public bool Add(ReadOnlySpan<byte> block)
    {
        foreach (var b in block)
        {
            if (b is >= (byte)'0' and <= (byte)'9' && _number < LayerLimits.FileBytes)
                _number = (Math.Max(_number, 0) * 10) + (b - '0');
            else if (b != (byte)'\n' || _number < 0)
                throw new InvalidDataException("a sparse file has something else than a map in front of its data");
            else if (Take(_number))
                return true;
            else
                _number = -1;
        }
        return false;
    }

    private bool Take(long number)
    {
        if (_left < 0)
        {
            _left = number;
        }
        else if (_offset < 0)
        {
            _offset = number;
        }
        else
        {
            Map.Add(_offset, number);
            _offset = -1;
            _left--;
        }
        return _left == 0;
    }
}
