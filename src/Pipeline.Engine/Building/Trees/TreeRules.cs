using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Building.Trees;

/// <summary>PL409x: the files of a source as a plain directory.</summary>
public static class TreeRules
{
    public static readonly Rule NotKept = new("PL4091", Severity.Warning,
        "not everything could be kept in '{0}': {1}; run as root to keep all");
}
