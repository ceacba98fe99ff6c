using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Building.Live.Netboot;

/// <summary>PL498x: what keeps a system from booting over the network.</summary>
public static class NetbootRules
{
    public static readonly Rule KernelPacked = new("PL4981", Severity.Error,
        "the kernel {0} cannot be unpacked for the network: {1}; install one that is an Image, or packed with gzip, zstd or xz");

    public static readonly Rule ScriptWord = new("PL4982", Severity.Error,
        "the kernel argument '{0}' cannot stand in an iPXE script, which would read '${{' as a setting; write it otherwise");

    public static readonly Rule NoStub = new("PL4983", Severity.Error,
        "the source has no {0}, around which the program for UEFI is made (efi: true); install systemd-boot-efi (Debian, Ubuntu) or systemd-boot-unsigned (Fedora), or leave efi out");

    public static readonly Rule StubUnusable = new("PL4984", Severity.Error,
        "no program for UEFI (efi: true) can be made with the stub {0}: {1}; install systemd's anew, or leave efi out");

    public static readonly Rule ProgramTooLong = new("PL4985", Severity.Error,
        "the program for UEFI (efi: true) would hold {0} bytes of kernel and initrd, expected at most {1}; leave something out (exclude), or fetch the root by itself (root: squashfs and a baseUrl)");

    public static readonly Rule KernelNoProgram = new("PL4986", Severity.Error,
        "the kernel {0} is no program of UEFI, and efi: true needs one; install a kernel with CONFIG_EFI_STUB, or leave efi out");
}
