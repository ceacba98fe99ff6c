using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>PL11: what the boot ROM of a board would not find or not take. {0} is always the machine.</summary>
public static class RomRules
{
    public static readonly Rule Table = new("PL1100", Severity.Error, "{0} does not read {1}; write {2}");

    public static readonly Rule NoFat = new("PL1101", Severity.Error, "{0} reads its first files from a FAT partition, and there is none that it can see; add one with `filesystem: fat`{1}");

    public static readonly Rule FatFirst = new("PL1102", Severity.Error, "{0} looks only into the first partition, which is '{1}'; put '{2}' before it");

    public static readonly Rule FatActive = new("PL1103", Severity.Error, "{0} reads only a FAT partition that is active; add `flags: [active]` to '{1}'");

    public static readonly Rule FatType = new("PL1104", Severity.Error, "{0} does not know the partition type {1} of '{2}'; write {3}");

    public static readonly Rule FatWidth = new("PL1105", Severity.Warning, "the partition type {1} says FAT{2}, the file system of '{3}' is FAT{4}, and {0} may go by the type; write type: \"{5}\" or bits: {2}");

    public static readonly Rule NoBlob = new("PL1106", Severity.Error, "{0} reads its loader at {1}, where no blob begins; add one, or mend the offset");

    public static readonly Rule FirstPartition = new("PL1107", Severity.Error, "the loaders of {0} need the first {1}, partition '{2}' begins at byte {3}; write offset: {1}, or let the alignment be {1}");

    public static readonly Rule Slot = new("PL1108", Severity.Error, "{0} has a slot of {1} for '{2}', which may have {3}; write limit: {1}");

    public static readonly Rule LoaderPartition = new("PL1109", Severity.Error, "{0} finds its loader in a partition of the type {1} that begins with a blob, and there is none; {2}");

    public static readonly Rule MovedTable = new("PL1110", Severity.Error, "{0} expects the entries of a GPT at sector 2 and partitions from sector 34 on (6 with large sectors); take '{1}' out");
}
