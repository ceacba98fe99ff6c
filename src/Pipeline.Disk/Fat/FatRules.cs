using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Fat;

/// <summary>What FAT cannot hold.</summary>
public static class FatRules
{
    public static readonly Rule Symlink =
        new("PL4301", Severity.Error, "'{0}' is a symbolic link, which FAT cannot hold; put a copy of '{1}' in its place, or mount another file system there");

    public static readonly Rule Special =
        new("PL4302", Severity.Error, "'{0}' is a {1}, which FAT cannot hold; remove it, or mount another file system there");

    public static readonly Rule FileTooLong =
        new("PL4303", Severity.Error, "'{0}' has {1} bytes, a file on FAT at most 4294967295; keep it on another file system");

    public static readonly Rule BadName =
        new("PL4304", Severity.Error, "FAT cannot hold the name '{0}': {1}; rename it");

    public static readonly Rule CaseCollision =
        new("PL4305", Severity.Error, "'{0}' and '{1}' differ only by case, which FAT cannot tell apart; rename one of them");

    public static readonly Rule DirectoryFull =
        new("PL4306", Severity.Error, "directory '{0}' needs {1} entries, FAT allows {2} (a long name takes several); spread its files over subdirectories");

    public static readonly Rule TooManyMistakes =
        new("PL4307", Severity.Error, "{0} more files of this tree do not fit FAT; mend the ones above first, or choose another file system");

    public static readonly Rule LabelTooLong =
        new("PL4310", Severity.Error, "FAT label '{0}' has {1} characters, expected at most 11; shorten it");

    public static readonly Rule LabelCharacter =
        new("PL4311", Severity.Error, "FAT label '{0}' contains {1}, expected letters, digits, spaces (not first) and !#$%&'()-@^_`{{}}~; rename it");

    public static readonly Rule LabelLowerCase =
        new("PL4312", Severity.Warning, "FAT label '{0}' has lower-case letters, which some systems do not find; '{1}' is safe everywhere");

    public static readonly Rule TooSmall =
        new("PL4320", Severity.Error, "the FAT file system is fixed at {0} ({1} clusters of {2} bytes), its content needs {3} clusters; give it at least {4}");

    public static readonly Rule TooSmallForType =
        new("PL4321", Severity.Error, "FAT{0} needs at least {1} clusters, {2} gives fewer; give it at least {3}, or leave out the FAT type");

    public static readonly Rule TooLargeForType =
        new("PL4322", Severity.Error, "FAT{0} cannot hold {1}, it ends at {2}; make it smaller, or choose {3}");

    public static readonly Rule FirstMissing =
        new("PL4324", Severity.Error, "'{0}' is to come first on this FAT file system, but its root directory has no such file; let the container or `boot.firmware` bring it, or take it out of `first`");

    public static readonly Rule BadOption =
        new("PL4323", Severity.Error, "FAT {0} is {1}, expected {2}");
}
