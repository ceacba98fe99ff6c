using Pipeline.Core.Diagnostics;

namespace Pipeline.Cli;

/// <summary>PL92xx: the outside failed where no room was responsible for it, and what a run that goes on for months cannot take up.</summary>
internal static class CliRules
{
    public static readonly Rule OutsideFailed = new("PL9201", Severity.Error, "'{0}' was interrupted ({1}); mend that or try again");

    public static readonly Rule ConfigMoved = new("PL9202", Severity.Warning,
        "pipeline.yaml is another one than when this service began; start it again, so that its places of releases, registries and signing count");
}
