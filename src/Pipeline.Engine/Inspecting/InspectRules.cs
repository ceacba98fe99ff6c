using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Inspecting;

/// <summary>What is wrong with an image file. Errors mean that there is no map.</summary>
public static class InspectRules
{
    public static readonly Rule NoFile =
        new("PL6100", Severity.Error, "there is no file '{0}'; check the path");

    public static readonly Rule NotAFile =
        new("PL6101", Severity.Error, "'{0}' is {1}, expected an image file");

    public static readonly Rule Compressed =
        new("PL6102", Severity.Error, "'{0}' is compressed with {1}; decompress it first");

    public static readonly Rule PrimaryGpt =
        new("PL6110", Severity.Warning, "the primary GPT is damaged: {0}; the map is that of the backup, 'sgdisk --load-backup' and 'gdisk' can restore it");

    public static readonly Rule BackupGpt =
        new("PL6111", Severity.Warning, "the backup GPT is damaged: {0}; most systems start without it, build the image again or let 'sgdisk -e' write it");

    public static readonly Rule NoGpt =
        new("PL6112", Severity.Warning, "there are traces of a GPT, but neither copy can be read: primary: {0}; backup: {1}");

    public static readonly Rule GptCopiesDiffer =
        new("PL6113", Severity.Warning, "the primary and the backup GPT differ in {0}; the map is that of the primary");

    public static readonly Rule BackupNotAtEnd =
        new("PL6114", Severity.Warning, "the backup GPT should lie at sector {0}, the file ends with sector {1}; the file was cut off or made longer");

    public static readonly Rule ProtectiveMbr =
        new("PL6115", Severity.Warning, "the protective MBR is missing; tools that know no GPT take the disk for empty");

    public static readonly Rule HybridMbr =
        new("PL6116", Severity.Warning, "the MBR beside the GPT has partitions of its own (a hybrid MBR); systems do not agree on which table counts");

    public static readonly Rule PartitionOutside =
        new("PL6120", Severity.Warning, "partition {0} lies at bytes {1} to {2}, outside of {3}; its content is not looked at");

    public static readonly Rule PartitionsOverlap =
        new("PL6121", Severity.Warning, "partitions {0} and {1} overlap from byte {2} on");

    public static readonly Rule BadEntry =
        new("PL6122", Severity.Warning, "partition {0} begins at sector {1} and ends at {2}, which no partition can; it is left out");

    public static readonly Rule TooMany =
        new("PL6123", Severity.Warning, "there are more than {0} {1}; the rest is not shown");

    public static readonly Rule FileSystemTooLong =
        new("PL6130", Severity.Warning, "the {0} file system at byte {1} has {2} bytes, its place only {3}; its end is missing");

    public static readonly Rule FileSystemDamaged =
        new("PL6131", Severity.Warning, "the {0} file system at byte {1} is damaged: {2}");
}
