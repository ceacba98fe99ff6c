using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Building;

/// <summary>What can be wrong with a build that its manifests could not show.</summary>
public static class BuildingRules
{
    public static readonly Rule SourceMoved = new("PL4051", Severity.Error,
        "{0} moved from {1} to {2} between plan and build; run again to plan with what it is now");

    public static readonly Rule CommandFailed = new("PL4052", Severity.Error,
        "the source script {0} ended with {1}; its last lines: {2}");

    public static readonly Rule CommandLeftNothing = new("PL4053", Severity.Error,
        "the source script {0} ended well but left nothing at PIPELINE_OUTPUT; it must leave a tar of the root file system or an OCI layout there");

    public static readonly Rule CommandNotStarted = new("PL4054", Severity.Error,
        "the source script {0} cannot be started: {1}; it must be executable and begin with #!");

    public static readonly Rule NoKernel = new("PL4060", Severity.Error,
        "the source has no kernel for boot method {0}; it must have /usr/lib/modules/VERSION/vmlinuz or /boot/vmlinuz-VERSION (or boot method none)");

    public static readonly Rule NoInitrd = new("PL4061", Severity.Warning,
        "kernel {0} has no initrd beside it; it boots only if what it needs is built in");

    public static readonly Rule NoDeviceTree = new("PL4062", Severity.Error,
        "the source has no device tree '{0}' for kernel {1}; looked in {2}");

    public static readonly Rule NoLoader = new("PL4063", Severity.Error,
        "the source has no UEFI loader {0}; looked for {1}");

    public static readonly Rule NoBootPartition = new("PL4064", Severity.Error,
        "boot method {0} needs {1}; the board has none");

    public static readonly Rule ArgumentsUnused = new("PL4065", Severity.Warning,
        "boot method {0} leaves the configuration to the source, so these kernel arguments are not used: {1}");

    public static readonly Rule NoGrubBios = new("PL4066", Severity.Error,
        "the source has no GRUB for PC BIOS; looked in {0}; install grub-pc-bin (Debian) or grub2-pc-modules (Fedora) in the container");

    public static readonly Rule GrubBiosUnusable = new("PL4067", Severity.Error,
        "no core image can be made of {0}: {1}");

    public static readonly Rule ArgumentsFile = new("PL4068", Severity.Error,
        "the kernel arguments in {0} of the source cannot be read: {1}; expected kargs = [\"...\"] and match-architectures = [\"...\"]");

    public static readonly Rule NoUnifiedKernel = new("PL4069", Severity.Error,
        "the source has neither a unified kernel image (/usr/lib/modules/VERSION/*.efi, /boot/EFI/Linux) nor the stub to make one; looked for {0}");

    public static readonly Rule BlobMissing = new("PL4070", Severity.Error,
        "blob '{0}': no file matches {1}");

    public static readonly Rule BlobAmbiguous = new("PL4071", Severity.Error,
        "blob '{0}': {1} matches several files: {2}; make the pattern match exactly one");

    public static readonly Rule BlobTooLong = new("PL4072", Severity.Error,
        "blob '{0}' is {1} bytes long and its limit is {2}; it would run into what lies behind it");

    public static readonly Rule BlobWrongDigest = new("PL4073", Severity.Error,
        "blob '{0}': {1} has sha256 {2}, the board wants {3}");

    public static readonly Rule StubUnusable = new("PL4074", Severity.Error,
        "no unified kernel image can be made with {0}: {1}");

    public static readonly Rule ContextPassedOver = new("PL4075", Severity.Warning,
        "the SELinux rule '{0}' of the source is passed over: {1}; what it would label gets the label of another rule");

    public static readonly Rule NoPiFirmware = new("PL4076", Severity.Error,
        "the source has no Raspberry Pi firmware ({0}); looked in {1}; install raspi-firmware in the container, or put the files on the boot partition");

    public static readonly Rule NoGrowth = new("PL4077", Severity.Warning,
        "the root partition is to grow on first boot, but the source has neither {0} nor growpart of cloud-init; install one of them, or write growOnFirstBoot: false");

    public static readonly Rule BlobHeader = new("PL4087", Severity.Error,
        "blob '{0}' ({1}) is not {2}: {3}; take the right file, or mend 'expect'");

    public static readonly Rule PackageUnreadable = new("PL4088", Severity.Error,
        "blob '{0}': {1} cannot be read as a Debian package: {2}");

    public static readonly Rule UnknownOwner = new("PL4080", Severity.Error,
        "'{0}' is no {1} of the source and not a number; add it under customize.users or write its number");

    public static readonly Rule NoTimezone = new("PL4081", Severity.Warning,
        "the source has no /usr/share/zoneinfo/{0}; the time zone takes effect once its tzdata is installed");

    public static readonly Rule PathNotDirectory = new("PL4082", Severity.Error,
        "'{0}' cannot be written: {1}");

    public static readonly Rule UserExists = new("PL4083", Severity.Warning,
        "user '{0}' is already in the source; its password, keys, shell and groups are set, its number and home stay");

    public static readonly Rule UidTaken = new("PL4084", Severity.Error,
        "user '{0}' wants uid {1}, which '{2}' of the source has; choose another or leave it out");

    public static readonly Rule AccountsUnreadable = new("PL4085", Severity.Error,
        "{0} of the source cannot be read: {1}");

    public static readonly Rule OutsideFile = new("PL4086", Severity.Error,
        "'{0}' vanished from the repository while building");
}
