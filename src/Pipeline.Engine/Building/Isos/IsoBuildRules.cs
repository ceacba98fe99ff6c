using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Building.Isos;

/// <summary>PL494x to PL497x: what keeps a source from becoming an ISO.</summary>
public static class IsoBuildRules
{
    public static readonly Rule UnknownKey = new("PL4941", Severity.Warning,
        "the key {0} is not known in a container's iso.yaml and has no effect; known are {1}");

    public static readonly Rule WrongValue = new("PL4942", Severity.Error,
        "{0} is {1}; expected {2}");

    public static readonly Rule BadLabel = new("PL4943", Severity.Error,
        "the label '{0}' of the ISO {1}; expected 1 to 32 characters of A-Z a-z 0-9 _ - . +");

    public static readonly Rule NoLoader = new("PL4944", Severity.Error,
        "the source has nothing that starts an ISO: no UEFI loader for {0} (shim with GRUB, GRUB, systemd-boot, systemd's stub) and no GRUB for a PC BIOS in {1}");

    public static readonly Rule GrubUnusable = new("PL4945", Severity.Warning,
        "the ISO does not start with a PC BIOS: of GRUB in {0}, {1}; install all of grub-pc-bin (grub2-pc-modules)");

    public static readonly Rule StubUnusable = new("PL4946", Severity.Error,
        "no unified kernel image can be made with the stub {0}: {1}");

    public static readonly Rule ConfigTooLong = new("PL4947", Severity.Error,
        "{0} of the source has {1} bytes, expected at most {2}");

    public static readonly Rule EntriesNotUsed = new("PL4948", Severity.Warning,
        "the entries of the container's iso.yaml have no effect: the source has no GRUB, and {0} starts its kernels");

    public static readonly Rule UnifiedKernelElsewhere = new("PL4949", Severity.Warning,
        "the unified kernel image {0} is not taken as it is: its arguments do not start this ISO; make it with '{1}' in them (and give the ISO the same `label`)");

    public static readonly Rule EntryLeadsNowhere = new("PL4950", Severity.Warning,
        "the menu entry '{0}' of the container's iso.yaml will not start: {1}");
}
