using Pipeline.Core.Files;

namespace Pipeline.Disk.Erofs;

/// <summary>How the contents of an erofs are packed.</summary>
public enum ErofsCompression
{
    None,

    /// <summary>Clusters of up to 64 KiB. Needs Linux 5.13 with <c>CONFIG_EROFS_FS_ZIP</c>.</summary>
    Lz4,
}

/// <summary>All that decides an erofs besides its tree.</summary>
public sealed record ErofsOptions
{
    public required Guid Uuid { get; init; }

    /// <summary>At most 16 bytes of UTF-8.</summary>
    public string? Label { get; init; }

    public ErofsCompression Compression { get; init; }

    /// <summary>When the file system was made. Files of exactly this time have the small form of inode.</summary>
    public UnixTime Clock { get; init; }

    /// <summary>The room there is; null where it is as long as it gets.</summary>
    public long? MaxLengthBytes { get; init; }
}
