using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>PL333x and PL334x: what keeps containers from becoming a system.</summary>
public static class LinuxKitBuildRules
{
    public static readonly Rule NoKernel =
        new("PL3330", Severity.Error, "the kernel image {0} has no file '{1}'; name its kernel with `binary`, or take another image (it has {2})");

    public static readonly Rule SeveralKernels =
        new("PL3331", Severity.Error, "the kernel image {0} has several kernels ({1}); name one with `binary`");

    public static readonly Rule NoModules =
        new("PL3332", Severity.Error, "the kernel image {0} has no file '{1}'; name its tar of modules with `tar`, or write `tar: none`");

    public static readonly Rule BrokenModules = new("PL3333", Severity.Error, "'{1}' of the kernel image {0} is not a tar: {2}");

    public static readonly Rule NoMicrocode =
        new("PL3334", Severity.Error, "the kernel image {0} has no file '{1}'; mend `ucode`, or remove it");

    public static readonly Rule NotMicrocode =
        new("PL3335", Severity.Error, "'{1}' of the kernel image {0} is not a cpio archive, so no kernel would find microcode in it; take another file");

    public static readonly Rule Label =
        new("PL3336", Severity.Error, "the label org.mobyproject.config of {0} is wrong: {1}; mend the image, or take another one");

    public static readonly Rule NoCommand =
        new("PL3337", Severity.Error, "nothing says what the container '{0}' runs: neither `command` nor its image; add a command");

    public static readonly Rule Blocked = new("PL3338", Severity.Error, "'{0}' cannot be written: {1}; mend the path, or the image that is in its way");

    public static readonly Rule NoInit =
        new("PL3339", Severity.Error, "the init images bring no '{0}', so nothing would start the system; add an image such as linuxkit/init");

    public static readonly Rule UnknownId =
        new("PL3340", Severity.Error, "the container '{0}' wants to run as '{1}', which is neither a number nor the name of a container; {2}");

    public static readonly Rule NoOriginals =
        new("PL3342", Severity.Error, "the image {0} cannot be kept as an OCI layout, because its source does not have its own manifest; take it from a registry, or from oci:DIR");

    public static readonly Rule TooLarge =
        new("PL3341", Severity.Error, "the system has {0}, and at most {1} are assembled; leave some containers out");
}
