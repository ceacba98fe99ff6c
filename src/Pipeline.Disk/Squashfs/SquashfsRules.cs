using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Squashfs;

/// <summary>What squashfs cannot hold.</summary>
public static class SquashfsRules
{
    public static readonly Rule TooSmall = new("PL4501", Severity.Error,
        "the squashfs needs {0} bytes for its content, and {1} are given; make the partition larger by {2} bytes, or leave its size out");

    public static readonly Rule BadName = new("PL4502", Severity.Error,
        "'{0}' has a name of {1} bytes that squashfs cannot hold: expected 1 to 255 bytes without '/' and NUL, not '.' and '..'; rename it");

    public static readonly Rule BadTarget = new("PL4503", Severity.Error,
        "the symbolic link '{0}' has a target of {1} bytes; expected 1 to 4095 without NUL");

    public static readonly Rule BadDevice = new("PL4504", Severity.Error,
        "the device '{0}' has the numbers {1}:{2}; expected at most 4095:1048575");

    public static readonly Rule TooManyIds = new("PL4505", Severity.Error,
        "the files have {0} different owners and groups, and a squashfs holds 65535; give some files the same owner");

    public static readonly Rule TooManyBlocks = new("PL4506", Severity.Error,
        "'{0}' and the files before it have {1} blocks of {2} bytes, and at most {3} are possible; make it shorter, or the blocks larger");

    public static readonly Rule ForeignXattr = new("PL4507", Severity.Warning,
        "the extended attribute '{1}' of '{0}' is left out: squashfs holds only user.*, trusted.* and security.*; remove it from the image, or take another file system");

    public static readonly Rule BadXattr = new("PL4508", Severity.Error,
        "'{0}' has an extended attribute '{1}' of {2} bytes; expected a name of 1 to 255 bytes without NUL after the prefix and at most 65536 bytes");
}
