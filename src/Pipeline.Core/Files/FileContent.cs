namespace Pipeline.Core.Files;

/// <summary>A run of a file's bytes and where they lie. Offsets and lengths are in bytes; a length is never zero.</summary>
public readonly record struct DataExtent(long FileOffset, long LengthBytes, long SourceOffset);

/// <summary>
/// Where the bytes of a regular file lie: one run of a <see cref="ContentSource"/>, or for a sparse file several runs
/// with holes between and after them. Holds no bytes itself.
/// </summary>
public readonly struct FileContent
{
    private readonly long _sourceOffset;
    private readonly DataExtent[]? _sparse;

    private FileContent(ContentSource? source, long sourceOffset, long lengthBytes, DataExtent[]? sparse) =>
        (Source, _sourceOffset, LengthBytes, _sparse) = (source, sourceOffset, lengthBytes, sparse);

    /// <summary>Null for an empty file and for one that is all hole.</summary>
    public ContentSource? Source { get; }

    /// <summary>The length of the file, holes included.</summary>
    public long LengthBytes { get; }

    /// <summary>Whether the file has holes (it may also be nothing but one).</summary>
    public bool IsSparse => _sparse is not null;

    public static FileContent Of(ContentSource source, long sourceOffset, long lengthBytes) =>
        lengthBytes == 0 ? default : new(source, sourceOffset, lengthBytes, null);

    public static FileContent Of(byte[] bytes) => Of(new MemorySource(bytes), 0, bytes.Length);

    /// <param name="extents">Ascending, without overlap, inside <paramref name="lengthBytes"/>.</param>
    public static FileContent Sparse(ContentSource? source, long lengthBytes, DataExtent[] extents) =>
        new(source, 0, lengthBytes, extents);

    /// <summary>The runs of data in ascending order; what lies between them and after the last one is hole.</summary>
    public IReadOnlyList<DataExtent> Extents =>
        _sparse ?? (LengthBytes == 0 ? [] : [new DataExtent(0, LengthBytes, _sourceOffset)]);

    /// <summary>Reads at a place of the file, holes as zeroes, and returns how many bytes there were (less at the end).</summary>
    public int Read(long fileOffset, Span<byte> buffer)
    {
        var wanted = (int)Math.Min(buffer.Length, Math.Max(0, LengthBytes - fileOffset));
        buffer = buffer[..wanted];
        if (_sparse is null)
        {
            if (wanted > 0)
                Source!.ReadExactly(_sourceOffset + fileOffset, buffer);
            return wanted;
        }
        buffer.Clear();
        for (var i = FirstBehind(fileOffset); i < _sparse.Length && _sparse[i].FileOffset < fileOffset + wanted; i++)
        {
            var extent = _sparse[i];
            var from = Math.Max(extent.FileOffset, fileOffset);
            var to = Math.Min(extent.FileOffset + extent.LengthBytes, fileOffset + wanted);
            if (from < to)
                Source!.ReadExactly(extent.SourceOffset + (from - extent.FileOffset), buffer[(int)(from - fileOffset)..(int)(to - fileOffset)]);
        }
        return wanted;
    }

    /// <summary>The first extent that ends behind a place: a file may have very many, and readers come block by block.</summary>
    private int FirstBehind(long fileOffset)
    {
        var (low, high) = (0, _sparse!.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (_sparse[middle].FileOffset + _sparse[middle].LengthBytes > fileOffset)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }

    /// <summary>The whole file in memory.</summary>
    /// <exception cref="InvalidDataException">It is longer than <paramref name="maxBytes"/>.</exception>
    public byte[] ReadAll(int maxBytes)
    {
        if (LengthBytes > maxBytes)
            throw new InvalidDataException($"a file of {LengthBytes} bytes was expected to have at most {maxBytes}");
        var bytes = new byte[LengthBytes];
        Read(0, bytes);
        return bytes;
    }
}
