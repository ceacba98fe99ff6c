using Pipeline.Core.Files;

namespace Pipeline.Disk.Erofs;

/// <summary>All that decides an erofs besides its tree.</summary>
public sealed record ErofsOptions
{
    public required Guid Uuid { get; init; }

    /// <summary>At most 16 bytes of UTF-8.</summary>
    public string? Label { get; init; }

    /// <summary>When the file system was made. Files of exactly this time have the small form of inode.</summary>
    public UnixTime Clock { get; init; }

    /// <summary>The room there is; null where it is as long as it gets.</summary>
    public long? MaxLengthBytes { get; init; }
}
