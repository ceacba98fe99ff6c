using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Partitioning;

/// <summary>Layouts that no disk can have. PL41: MBR, PL42: GPT, PL47: either.</summary>
public static class PlacementRules
{
    public static readonly Rule TooManyForMbr =
        new("PL4101", Severity.Error, "an MBR holds at most {0} partitions, logical ones included, this layout has {1}; use gpt, or fewer partitions");

    public static readonly Rule BeyondMbr =
        new("PL4102", Severity.Error, "partition '{0}' ends at sector {1}, an MBR reaches only 4294967295 ({2}); use gpt, or make it smaller");

    public static readonly Rule BlobOverMbr =
        new("PL4103", Severity.Error, "blob '{0}' covers bytes {1} to {2}, but bytes 440 to 511 hold the partition table; let it keep them, or place it behind them");

    public static readonly Rule BeforeMbrSpace =
        new("PL4104", Severity.Error, "partition '{0}' begins at byte {1}, the first place for partitions is {2}; move it there or behind it");

    public static readonly Rule NoBootRecord =
        new("PL4105", Severity.Error, "the boot record of the logical partition '{0}' belongs at byte {1}, where '{2}' lies (to byte {3}); begin the partition at {4} or behind it, or leave out its offset");

    public static readonly Rule LogicalOrder =
        new("PL4106", Severity.Error, "the logical partition '{0}' begins at byte {1}, before '{2}' at {3}; logical partitions (all from the fourth on) lie behind the others, in their order");

    public static readonly Rule BeyondHybrid =
        new("PL4107", Severity.Error, "partition '{0}' ends at sector {1}, an entry of a hybrid MBR reaches only 4294967295; place it further to the front");

    public static readonly Rule TooManyForGpt =
        new("PL4201", Severity.Error, "this GPT has {0} entries, the layout has {1} partitions; set entries: {2}, or fewer partitions");

    public static readonly Rule NameTooLong =
        new("PL4202", Severity.Error, "partition name '{0}' has {1} UTF-16 units, a GPT holds 36; shorten it");

    public static readonly Rule BlobOverHeader =
        new("PL4203", Severity.Error, "blob '{0}' covers bytes {1} to {2}, but the GPT header lies at {3} to {4}; use mbr, or place the blob behind the GPT");

    public static readonly Rule BlobOverEntries =
        new("PL4204", Severity.Error, "blob '{0}' begins at byte {1}, but the {2} entries of the GPT end at {3}; {4}");

    public static readonly Rule BlobOverBackup =
        new("PL4205", Severity.Error, "blob '{0}' ends at byte {1}, but the backup GPT begins at {2}; move the blob, or make the disk larger");

    public static readonly Rule BeforeFirstUsable =
        new("PL4206", Severity.Error, "partition '{0}' begins at byte {1}, the first usable sector of this GPT is {2} (byte {3}); move it there or behind it");

    public static readonly Rule FirstUsableInsideTable =
        new("PL4207", Severity.Error, "first usable sector {0} lies inside the GPT, whose {1} entries end at sector {2}; set it to {2} or more, or leave it out");

    public static readonly Rule EntryCount =
        new("PL4208", Severity.Error, "a GPT of {0} entries, expected {1} to {2}");

    public static readonly Rule EntriesLba =
        new("PL4209", Severity.Error, "the GPT entries begin at sector {0}, expected 2 or more");

    public static readonly Rule PartitionsOverlap =
        new("PL4701", Severity.Error, "partitions '{0}' (bytes {1} to {2}) and '{3}' (bytes {4} to {5}) overlap; move or shrink one of them");

    public static readonly Rule BlobsOverlap =
        new("PL4702", Severity.Error, "blobs '{0}' (bytes {1} to {2}) and '{3}' (bytes {4} to {5}) overlap; move one of them, or lower its limit");

    public static readonly Rule BlobOverPartition =
        new("PL4703", Severity.Error, "blob '{0}' (bytes {1} to {2}) lies over partition '{3}' (bytes {4} to {5}); move the partition to byte {2} or behind it, or lower the blob's limit");

    public static readonly Rule TwoRests =
        new("PL4704", Severity.Error, "partitions '{0}' and '{1}' both take the rest of the disk; give one of them a size");

    public static readonly Rule OffsetNotOnSector =
        new("PL4705", Severity.Error, "partition '{0}' begins at byte {1}, which is not on a sector of {2} bytes; the next one is at {3}");

    public static readonly Rule PartitionBeyondDisk =
        new("PL4706", Severity.Error, "partition '{0}' ends at byte {1}, the room for partitions at {2} on a disk of {3}; make it smaller, or the disk at least {4}");

    public static readonly Rule BlobBeyondDisk =
        new("PL4707", Severity.Error, "blob '{0}' ends at byte {1}, the disk at {2}; move it, lower its limit, or make the disk larger");

    public static readonly Rule FixedTooSmall =
        new("PL4708", Severity.Error, "partition '{0}' has {1}, its content needs {2}; make it larger, or let it be sized by its content");

    public static readonly Rule RestTooSmall =
        new("PL4709", Severity.Error, "partition '{0}' takes the rest of the disk, which is {1}, its content needs {2}; make the disk at least {3}");

    public static readonly Rule BadNumber =
        new("PL4710", Severity.Error, "{0} is {1} bytes, expected {2}");

    public static readonly Rule BlobAcrossEdge =
        new("PL4711", Severity.Error, "blob '{0}' (bytes {1} to {2}) crosses an edge of partition '{3}' (bytes {4} to {5}); it may lie wholly inside it, or wholly outside");

    public static readonly Rule DiskTooSmall =
        new("PL4712", Severity.Error, "a disk of {0} has no room beside its partition table; make it at least {1}");

    public static readonly Rule NoRoomBeforeEnd =
        new("PL4713", Severity.Error, "partition '{0}' of {1} finds no room before the end of the disk; make the disk at least {2}");

    public static readonly Rule MaximumTooSmall =
        new("PL4715", Severity.Error, "partition '{0}' may have at most {1}, but needs {2}; raise the maximum, or lower its minimum, content or free space");

    public static readonly Rule TooManyParts =
        new("PL4714", Severity.Error, "this layout has {0} {1}, expected at most {2}");
}
