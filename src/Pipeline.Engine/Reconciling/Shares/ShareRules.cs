using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>PL36xx: work that several machines share.</summary>
public static class ShareRules
{
    public static readonly Rule NotStaged =
        new("PL3601", Severity.Error, "target '{0}' was not staged from the inputs of today, or its files changed since and must be deleted; build the shares again, or release without --staged");

    public static readonly Rule ShareLost =
        new("PL3602", Severity.Error, "share {0} is lost: nothing that was staged tells of it; run the shares again, they build only what is missing");

    public static readonly Rule ShareFailed =
        new("PL3603", Severity.Warning, "share {0} could not build {1} of its {2} targets ({3})");

    public static readonly Rule OtherCount =
        new("PL3604", Severity.Error, "the shares in '{0}' are of {1}, others of {2}; stage the shares of one run in a place of its own");
}
