using Pipeline.Core.Files;

namespace Pipeline.Oci.Layers;

/// <summary>What the headers of one entry say together, before anything is checked. Names are raw bytes as the tar has them.</summary>
internal sealed class TarFile
{
    public required byte Type { get; init; }

    public required byte[] Path { get; init; }

    public required byte[] LinkPath { get; init; }

    public required ushort Permissions { get; init; }

    public required long Uid { get; init; }

    public required long Gid { get; init; }

    public required UnixTime Mtime { get; init; }

    /// <summary>Bytes of data in the tar, a sparse map of format 1.0 included; zero for kinds that have none.</summary>
    public required long PackedBytes { get; init; }

    /// <summary>Length of a sparse file; otherwise null.</summary>
    public long? RealSize { get; init; }

    public required long DeviceMajor { get; init; }

    public required long DeviceMinor { get; init; }

    public Dictionary<string, byte[]>? Xattrs { get; init; }

    public static TarFile Create(TarHeader header, PaxRecords? pax)
    {
        var type = header.Type;
        var path = pax?.Sparse?.Name ?? pax?.Path ?? Join(header.Prefix, header.Name);
        if (type == 0 && path.AsSpan().EndsWith("/"u8))
            type = (byte)'5';                                       // how v7 wrote directories
        // A size on a link, a device or a directory is that of something else: no data follow.
        var size = type is >= (byte)'1' and <= (byte)'6' ? 0 : pax?.Size ?? header.Size;
        if (size is < 0 or > LayerLimits.FileBytes)
            throw new InvalidDataException($"a tar header has the size {size}");
        return new()
        {
            Type = type,
            Path = path,
            LinkPath = pax?.LinkPath ?? header.LinkName.ToArray(),
            Permissions = (ushort)(header.Mode & 0xFFF),
            Uid = pax?.Uid ?? header.Uid,
            Gid = pax?.Gid ?? header.Gid,
            Mtime = pax?.Mtime ?? new(header.Mtime),
            PackedBytes = size,
            RealSize = type == (byte)'S' ? pax?.Sparse?.RealSize ?? header.SparseRealSize : pax?.Sparse?.RealSize,
            DeviceMajor = type is (byte)'3' or (byte)'4' ? header.DeviceMajor : 0,
            DeviceMinor = type is (byte)'3' or (byte)'4' ? header.DeviceMinor : 0,
            Xattrs = pax?.Xattrs,
        };
    }

    private static byte[] Join(ReadOnlySpan<byte> prefix, ReadOnlySpan<byte> name) =>
        prefix.IsEmpty ? name.ToArray() : [.. prefix, (byte)'/', .. name];
}
