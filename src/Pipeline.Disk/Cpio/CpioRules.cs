using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Cpio;

/// <summary>What an initramfs cannot hold.</summary>
public static class CpioRules
{
    public static readonly Rule BadName = new("PL4571", Severity.Error,
        "'{0}' has a name that an initramfs cannot hold: expected 1 to 255 bytes without '/' and NUL, not '.', '..' and, at the top, 'TRAILER!!!'; rename it");

    public static readonly Rule PathTooLong = new("PL4572", Severity.Error,
        "the path '{0}' has {1} bytes, and Linux passes over what is longer than 4095 in an initramfs; shorten it");

    public static readonly Rule FileTooLong = new("PL4573", Severity.Error,
        "'{0}' has {1} bytes, and a file of an initramfs has at most 4294967295; make it smaller, or boot from a disk");

    public static readonly Rule BadTarget = new("PL4574", Severity.Error,
        "the symbolic link '{0}' has a target of {1} bytes; expected 1 to 4095 without NUL");

    public static readonly Rule BadDevice = new("PL4575", Severity.Error,
        "the device '{0}' has the numbers {1}:{2}; expected at most 4095:1048575");

    public static readonly Rule XattrsLeftOut = new("PL4576", Severity.Warning,
        "an initramfs holds no extended attributes, so those of {0} files are left out, such as '{2}' of '{1}'; what needs them (file capabilities, SELinux) wants a root on a disk or in a squashfs");
}
