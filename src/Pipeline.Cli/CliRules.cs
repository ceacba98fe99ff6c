using Pipeline.Core.Diagnostics;

namespace Pipeline.Cli;

/// <summary>PL92xx: the outside failed where no room was responsible for it.</summary>
internal static class CliRules
{
    public static readonly Rule OutsideFailed = new("PL9201", Severity.Error, "'{0}' was interrupted ({1}); mend that or try again");
}
