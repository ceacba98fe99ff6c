using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Verifying;

public enum RebuildVerdict
{
    /// <summary>The same, byte for byte.</summary>
    Equal,

    /// <summary>The same image, packed in other bytes.</summary>
    PackedDifferently,
    Differs,

    /// <summary>There is nothing to compare with.</summary>
    NotBuilt,
}

/// <param name="FirstByte">Of an image where it differs first; null where it does not, or is not known.</param>
public sealed record RebuiltFile(string TargetId, string Name, RebuildVerdict Verdict, long? FirstByte);

/// <param name="Files">Every file of every target that was to be built again.</param>
/// <param name="Diagnostics">Every input and file that differs.</param>
public sealed record RebuildReport(ImmutableArray<RebuiltFile> Files, ImmutableArray<Diagnostic> Diagnostics)
{
    public bool IsEqual => Diagnostics.All(d => d.Rule.Severity != Severity.Error);
}
