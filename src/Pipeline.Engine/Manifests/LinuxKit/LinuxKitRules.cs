using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>PL330x and PL331x: what can be wrong in a LinuxKit file, or with naming one.</summary>
public static class LinuxKitRules
{
    public static readonly Rule NoFile =
        new("PL3301", Severity.Error, "there is no file '{0}' for this source (looked in {1}); add it or mend the path");

    public static readonly Rule NotHere =
        new("PL3302", Severity.Error, "'{0}' is not a file of the repository: {1}; put it there and name it by a relative path");

    public static readonly Rule Image = new("PL3303", Severity.Error, "'{0}' is not an image: {1}");

    public static readonly Rule NameTwice = new("PL3304", Severity.Error, "the {0} '{1}' is already at {2}; choose another name");

    public static readonly Rule NoKernel =
        new("PL3305", Severity.Error, "there is no kernel; add `kernel: {{image: linuxkit/kernel:TAG}}` to one of the files");

    public static readonly Rule Capability = new("PL3306", Severity.Error, "unknown capability '{0}'; {1}");

    public static readonly Rule Bind = new("PL3307", Severity.Error, "'{0}' is not a {1}: {2}");

    public static readonly Rule Limit = new("PL3308", Severity.Error, "'{0}' is not a limit: {1}");

    public static readonly Rule Mount = new("PL3309", Severity.Error, "this mount has no {0}, and nothing tells it; add `{1}`");

    public static readonly Rule NoVolume = new("PL3310", Severity.Error, "there is no volume '{0}'; {1}");

    public static readonly Rule VolumeReadOnly =
        new("PL3311", Severity.Error, "the volume '{0}' is read-only; bind it with `{0}:{1}:ro`");

    public static readonly Rule IdName =
        new("PL3312", Severity.Error, "'{0}' is neither a number nor the name of a container; {1}");

    public static readonly Rule FileContent =
        new("PL3313", Severity.Error, "'{0}' has {1}; give exactly one of contents, source, directory, symlink and metadata");

    public static readonly Rule FileMissing =
        new("PL3314", Severity.Error, "there is no file '{0}' (looked in {1}); add it, mend the path, or say `optional: true`");

    public static readonly Rule FileOutside =
        new("PL3315", Severity.Warning, "'{0}' lies outside of the repository, so that others build something else; put the file into the repository");

    public static readonly Rule TrustIgnored =
        new("PL3316", Severity.Warning, "'trust' is passed over: every image is pinned by its digest once it was looked at; remove it");

    public static readonly Rule FilePath = new("PL3317", Severity.Error, "'{0}' is not a path of the root: {1}");

    public static readonly Rule PlatformsAlone =
        new("PL3318", Severity.Error, "platforms means something with `format: oci` only; remove it, or add the format");

    public static readonly Rule OciWithoutImage = new("PL3319", Severity.Error, "the volume '{0}' has a format and no image; add an image");

    public static readonly Rule LabelName = new("PL3321", Severity.Error, "{0} cannot be set in a label; take it out");

    public static readonly Rule NoLayout =
        new("PL3320", Severity.Error, "a system of several containers carries no layout, so '{0}' means nothing; name a board, such as uefi-x86_64, or for a directory a platform");
}
