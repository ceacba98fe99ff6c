using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Proof;

namespace Pipeline.Engine.Verifying;

public enum Verdict
{
    /// <summary>Checked, and as it should be.</summary>
    Right,
    Wrong,

    /// <summary>There is nothing to check.</summary>
    Absent,

    /// <summary>There is something, and nothing to check it with.</summary>
    Unchecked,
}

/// <param name="Checksum">Against SHA256SUMS.</param>
/// <param name="Provenance">Whether a statement is about this very file.</param>
public sealed record FileVerdict(string Name, Verdict Checksum, Verdict Provenance);

/// <param name="Location">Where the files are.</param>
/// <param name="Signature">Of SHA256SUMS.</param>
/// <param name="Envelopes">Signatures of the provenance.</param>
/// <param name="Key">What was checked with; null for nothing.</param>
/// <param name="Record">Null where there is none that can be believed.</param>
/// <param name="Diagnostics">Every mistake that was found.</param>
public sealed record VerifyReport(
    string Location, ImmutableArray<FileVerdict> Files, Verdict Signature, Verdict Envelopes, VerificationKey? Key,
    ImmutableArray<BuildStatement> Builds, ReleaseRecord? Record, ImmutableArray<Diagnostic> Diagnostics)
{
    public bool IsRight => Diagnostics.All(d => d.Rule.Severity != Severity.Error);
}
