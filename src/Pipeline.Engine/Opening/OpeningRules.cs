using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Opening;

/// <summary>PL341x: what pipeline.lock pins and where it comes from; PL940x: the outside did not answer.</summary>
public static class OpeningRules
{
    public static readonly Rule LockUnreadable =
        new("PL3410", Severity.Error, "pipeline.lock cannot be read ({0}); restore it from git, or delete it and run 'pipeline update'");

    public static readonly Rule ContentChanged =
        new("PL3411", Severity.Error, "'{0}' at {1} has other files than pipeline.lock says; somebody changed what was pinned, look before you run 'pipeline update'");

    public static readonly Rule OddArtifact =
        new("PL3412", Severity.Error, "'{0}' is not an artifact of manifests: {1}; expected one manifest whose layers are tars");

    public static readonly Rule TooManyRemotes =
        new("PL3413", Severity.Error, "manifests name more than {0} places elsewhere; fetch the common ones into one");

    public static readonly Rule NameNotFound =
        new("PL3414", Severity.Error, "{0}; mend 'extends', or make it there; pipeline.lock stays as it is");

    public static readonly Rule Unresolved =
        new("PL9401", Severity.Error, "'{0}' cannot be looked up now ({1}); pipeline.lock stays as it is, try again");
}
