using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Erofs;

/// <summary>What erofs cannot hold.</summary>
public static class ErofsRules
{
    public static readonly Rule TooSmall = new("PL4551", Severity.Error,
        "the erofs needs {0} bytes for its content, and {1} are given; make the partition larger by {2} bytes, or leave its size out");

    public static readonly Rule TooLarge = new("PL4552", Severity.Error,
        "the erofs would have {0} blocks of 4096 bytes, and at most {1} are possible; put fewer files into it");

    public static readonly Rule LabelTooLong = new("PL4553", Severity.Error,
        "the label '{0}' has {1} bytes, and erofs holds at most 16; shorten it");

    public static readonly Rule BadName = new("PL4554", Severity.Error,
        "'{0}' has a name of {1} bytes that erofs cannot hold: expected 1 to 255 bytes without '/' and NUL, not '.' and '..'; rename it");

    public static readonly Rule BadTarget = new("PL4555", Severity.Error,
        "the symbolic link '{0}' has a target of {1} bytes; expected 1 to 4095 without NUL");

    public static readonly Rule BadDevice = new("PL4556", Severity.Error,
        "the device '{0}' has the numbers {1}:{2}; expected at most 4095:1048575");

    public static readonly Rule ForeignXattr = new("PL4557", Severity.Warning,
        "the extended attribute '{1}' of '{0}' is left out: Linux knows only user.*, trusted.*, security.* and POSIX ACLs; remove it from the image");

    public static readonly Rule BadXattr = new("PL4558", Severity.Error,
        "'{0}' has an extended attribute '{1}' of {2} bytes that erofs cannot hold; expected a name of 1 to 255 bytes without NUL after the prefix, at most 65535 bytes, and ACLs as Linux gives them");

    public static readonly Rule XattrsTooLarge = new("PL4559", Severity.Error,
        "the extended attributes of '{0}' need {1} bytes, and an erofs inode has room for {2}; shorten or remove some");
}
