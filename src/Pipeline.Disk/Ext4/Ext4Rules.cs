using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Ext4;

/// <summary>What ext4 cannot hold.</summary>
public static class Ext4Rules
{
    public static readonly Rule TooSmall = new("PL4401", Severity.Error,
        "the ext4 file system needs {0} bytes for its content, and {1} are given; make the partition larger by {2} bytes, or leave its size out");

    public static readonly Rule TooLarge = new("PL4402", Severity.Error,
        "an ext4 file system of {0} bytes is wanted, and at most {1} are possible; make it smaller");

    public static readonly Rule LabelTooLong = new("PL4403", Severity.Error,
        "the label '{0}' has {1} bytes, and ext4 holds at most 16; shorten it");

    public static readonly Rule BadName = new("PL4404", Severity.Error,
        "'{0}' has a name of {1} bytes that ext4 cannot hold: expected 1 to 255 bytes without '/' and NUL, not '.' and '..'; rename it");

    public static readonly Rule TooManyLinks = new("PL4405", Severity.Error,
        "'{0}' has {1} hard links, and ext4 counts at most 65000; make some of them copies");

    public static readonly Rule FileTooLarge = new("PL4406", Severity.Error,
        "'{0}' is {1} bytes long, and an ext4 file at most {2}; split it");

    public static readonly Rule BadTarget = new("PL4407", Severity.Error,
        "the symbolic link '{0}' has a target of {1} bytes; expected 1 to 4095 without NUL");

    public static readonly Rule BadDevice = new("PL4408", Severity.Error,
        "the device '{0}' has the numbers {1}:{2}; expected at most 4095:1048575");

    public static readonly Rule XattrsTooLarge = new("PL4409", Severity.Error,
        "the extended attributes of '{0}' need {1} bytes more than ext4 has for one file, about 4 KiB; shorten or remove some");

    public static readonly Rule ForeignXattr = new("PL4410", Severity.Warning,
        "the extended attribute '{1}' of '{0}' is left out: Linux knows only user.*, trusted.*, security.* and POSIX ACLs; remove it from the image");

    public static readonly Rule BadXattrName = new("PL4411", Severity.Error,
        "'{0}' has an extended attribute with the name '{1}'; expected 1 to 255 bytes without NUL after the prefix");

    public static readonly Rule BadAcl = new("PL4412", Severity.Error,
        "the POSIX ACL '{1}' of '{0}' cannot be read; expected version 2 with entries of 8 bytes as Linux gives it");

    public static readonly Rule TooManyEntries = new("PL4413", Severity.Error,
        "the directory '{0}' has {1} entries, more than an index of two levels can hold; spread them over directories");

    public static readonly Rule LostAndFoundIsNoDirectory = new("PL4414", Severity.Error,
        "'/lost+found' is not a directory, and ext4's repair tool needs one; rename it");
}
