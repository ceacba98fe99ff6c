using Pipeline.Core.Files;

namespace Pipeline.Disk.Ext4;

/// <summary>All that decides an ext4 file system besides its tree.</summary>
public sealed record Ext4Options
{
    public const long DefaultFreeBytes = 64L << 20;

    public required Guid Uuid { get; init; }

    /// <summary>The key of the directories' hashes. Fixed, or large directories would differ from build to build.</summary>
    public required Guid HashSeed { get; init; }

    /// <summary>At most 16 bytes of UTF-8.</summary>
    public string? Label { get; init; }

    /// <summary>When the file system was made: the superblock's times, and those of the journal and of lost+found.</summary>
    public UnixTime Clock { get; init; }

    /// <summary>A fixed length; null sizes the file system by its content and <see cref="FreeBytes"/>, in whole MiB.</summary>
    public long? LengthBytes { get; init; }

    /// <summary>Space left for files where the length is automatic, before it is rounded up.</summary>
    public long FreeBytes { get; init; } = DefaultFreeBytes;
}
