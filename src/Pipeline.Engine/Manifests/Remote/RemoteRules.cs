using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Remote;

/// <summary>PL340x: manifests from elsewhere, as manifests name them.</summary>
public static class RemoteRules
{
    public static readonly Rule Syntax =
        new("PL3401", Severity.Error, "'{0}' does not name a manifest elsewhere: {1}; write git+https://HOST/OWNER/REPOSITORY//images/NAME?ref=BRANCH or oci://HOST/NAME:TAG//images/NAME");

    public static readonly Rule NotLocked =
        new("PL3402", Severity.Error, "'{0}' is not in pipeline.lock; 'pipeline update' looks it up and writes it there");

    public static readonly Rule NotFetched =
        new("PL3403", Severity.Error, "'{0}' was not fetched ({1}); run again with the network and without --offline; what is gone there for good, 'pipeline update' replaces by what is there now");

    public static readonly Rule ManifestMissing =
        new("PL3404", Severity.Error, "there is no manifest '{0}' in '{1}' as pipeline.lock pins it; mend the path, or take a newer state with 'pipeline update'");

    public static readonly Rule SourceRefused =
        new("PL3405", Severity.Error, "the source '{0}' of a manifest from elsewhere is refused: {1}");

    public static readonly Rule BoardClash =
        new("PL3406", Severity.Error, "board '{0}' comes from '{1}' and is also {2}; copy the one that you mean into your own 'boards'");

    public static readonly Rule LeavesTransport =
        new("PL3407", Severity.Error, "a manifest of '{0}' extends '{1}', which leads to this machine or over a way that anybody can change; only https, ssh and registries may be named from elsewhere");

    public static readonly Rule OutsideTree =
        new("PL3408", Severity.Error, "'{0}' leads out of '{1}'; a manifest from elsewhere names only files beside it");
}
