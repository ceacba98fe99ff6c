using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Building.Live;

/// <summary>PL490x to PL493x: what keeps a source from becoming a live system.</summary>
public static class LiveRules
{
    public static readonly Rule NoKernel = new("PL4901", Severity.Error,
        "the source has no kernel with an initrd for a live system; it must have /usr/lib/modules/VERSION/vmlinuz with initramfs.img beside it, or /boot/vmlinuz-VERSION with the initrd of that version");

    public static readonly Rule KernelAlone = new("PL4902", Severity.Warning,
        "kernel {0} has no initrd beside it and is left out: a live system is found by its initrd");

    public static readonly Rule InitrdUnreadable = new("PL4903", Severity.Error,
        "the initrd {0} cannot be looked into: {1}; pack it with zstd, gzip or xz");

    public static readonly Rule InitrdUnknown = new("PL4904", Severity.Error,
        "the initrd {0} is {1}; live systems are started by dracut's with dmsquash-live (dracut --no-hostonly --add \"dmsquash-live livenet\") and by initramfs-tools' with live-boot; where your own knows what to do, write its root=... under customize.kernelArguments");

    public static readonly Rule OtherFamily = new("PL4905", Severity.Warning,
        "kernel {0} is left out: its initrd is {1}, and that of the newest kernel is {2}");

    public static readonly Rule CannotDo = new("PL4906", Severity.Error,
        "the initrd {0} is {1} and cannot start {2}; {3}");

    public static readonly Rule ExcludesNothing = new("PL4907", Severity.Warning,
        "the pattern '{0}' matches nothing in the image; nothing was left out for it");

    public static readonly Rule ExcludesAll = new("PL4909", Severity.Error,
        "the patterns of 'exclude' leave nothing of the image; a live system needs at least what its initrd starts");

    public static readonly Rule ErofsOfDracut = new("PL4908", Severity.Warning,
        "the initrd {0} is dracut's, and only that of dracut-ng since August 2024 finds a live root of type erofs by itself; try it, or write root: squashfs");

    public static readonly Rule NoLoader = new("PL4910", Severity.Error,
        "the source has nothing that starts a live disk: no UEFI loader for {0} (shim with GRUB, GRUB, systemd-boot) and no GRUB for a PC BIOS in {1}");

    public static readonly Rule TooLongForFat = new("PL4911", Severity.Error,
        "the root image has {0} bytes, and a file on FAT at most 4294967295; leave something out (exclude), pack it harder, or take an output of kind live, which has a partition for it");

    public static readonly Rule NoInit = new("PL4912", Severity.Error,
        "the source has nothing that an initrd could start: no /init and none of {0}");
}
