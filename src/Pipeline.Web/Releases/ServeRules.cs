using Pipeline.Core.Diagnostics;

namespace Pipeline.Web.Releases;

/// <summary>PL64xx: what keeps a release from being served.</summary>
public static class ServeRules
{
    public static readonly Rule NoRelease = new("PL6401", Severity.Error,
        "there is no release '{0}': it is neither a directory with SHA256SUMS nor IMAGE[/VERSION] in {1}; name another, or serve any directory with --dir");

    public static readonly Rule NoDirectory = new("PL6402", Severity.Error,
        "there is no directory '{0}' to serve; mend the path");

    public static readonly Rule BadChecksums = new("PL6403", Severity.Error,
        "'{0}' cannot be served: {1}; publish the release anew, or serve the directory with --dir");

    public static readonly Rule CannotListen = new("PL6404", Severity.Error,
        "nothing can be served at {0}: {1}; choose another address with --listen");

    public static readonly Rule OpenToAll = new("PL6405", Severity.Warning,
        "everybody who reaches {0} can read these files; there is neither a password nor TLS");
}
