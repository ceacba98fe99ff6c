using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Iso;

/// <summary>What an ISO 9660 file system cannot hold.</summary>
public static class IsoRules
{
    public static readonly Rule BadVolumeId = new("PL4601", Severity.Error,
        "the label '{0}' of the ISO {1}; expected 1 to 32 characters of A-Z a-z 0-9 _ - . +");

    public static readonly Rule BadName = new("PL4602", Severity.Error,
        "'{0}' has a name of {1} bytes that an ISO cannot hold: expected 1 to 255 bytes without '/' and NUL, not '.' and '..'; rename it");

    public static readonly Rule BadTarget = new("PL4603", Severity.Error,
        "the symbolic link '{0}' has a target of {1} bytes; expected 1 to 4095 without NUL");

    public static readonly Rule TooManyDirectories = new("PL4604", Severity.Error,
        "the ISO has {0} directories, and its path tables hold 65535; put fewer beside the root file system");

    public static readonly Rule FileTooLong = new("PL4605", Severity.Error,
        "'{0}' has {1} bytes, and Linux reads files of at most {2} bytes from an ISO; make it shorter");

    public static readonly Rule TooLarge = new("PL4606", Severity.Error,
        "the ISO needs {0} bytes, and its block numbers reach to {1}; make its content smaller");

    public static readonly Rule BadBootImage = new("PL4607", Severity.Error,
        "'{0}' cannot be a boot image of the ISO: {1}");

    public static readonly Rule ForeignXattrs = new("PL4608", Severity.Warning,
        "{0} files of the ISO have extended attributes, which it does not keep; keep them inside the root file system");
}
