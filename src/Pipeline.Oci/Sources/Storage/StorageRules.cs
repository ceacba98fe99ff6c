using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>PL25xx: images in the store of podman, buildah and CRI-O.</summary>
public static class StorageRules
{
    public static readonly Rule NoStore =
        new("PL2501", Severity.Error, "there is no container storage at {0}; pull or build the image with podman first, or name another store: containers-storage:[overlay@/path]NAME");

    public static readonly Rule NotFound =
        new("PL2502", Severity.Error, "'{0}' is not in the container storage at {1}; it has {2}");

    public static readonly Rule Ambiguous =
        new("PL2503", Severity.Error, "'{0}' means several images of the container storage; write one of: {1}");

    public static readonly Rule Damaged =
        new("PL2504", Severity.Error, "image '{0}' in the container storage at {1} is incomplete or damaged: {2}; pull or build it again");

    public static readonly Rule Reference =
        new("PL2505", Severity.Error, "'{0}' does not name an image of a container storage: {1}; write containers-storage:NAME:TAG, or with another store containers-storage:[overlay@/path]NAME:TAG");

    public static readonly Rule Driver =
        new("PL2506", Severity.Error, "the container storage at {0} is kept with the driver '{1}', which is not read here; read are overlay and vfs (or save the image: podman save --format oci-archive)");

    public static readonly Rule IsList =
        new("PL2507", Severity.Error, "'{0}' in the container storage is a list of images for several platforms; name the image of one platform");
}
