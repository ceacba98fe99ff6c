using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Planning;

/// <summary>One output of one image for one board, with everything that decides it.</summary>
/// <param name="Resolved">Null where the source could not be looked at, or has mistakes (then <paramref name="Problem"/> says why).</param>
/// <param name="Inputs">Null exactly when the target cannot be built now.</param>
public sealed record Target(
    ImageManifest Image, BoardManifest Board, Output Output, PlatformImage? Resolved, BuildInputs? Inputs, TargetProblem? Problem)
{
    /// <summary><c>IMAGE/BOARD/disk</c>: unique in a repository and stable over time.</summary>
    public string Id => $"{Image.Name}/{Board.Name}/{Output.Kind.ToString().ToLowerInvariant()}";
}

/// <param name="IsUnreachable">True: the outside did not answer, try again; false: somebody must mend something.</param>
public sealed record TargetProblem(bool IsUnreachable, ImmutableArray<Diagnostic> Diagnostics);

public enum TargetState
{
    Current,
    Stale,
    Suspended,
    Unreachable,
    Invalid,
}

/// <summary>Why a target is stale: an input, what it was in the last release and what it is now (null: was not there, is not there).</summary>
public sealed record Reason(string Input, string? Old, string? New);

public sealed record PlanStep(Target Target, TargetState State, ImmutableArray<Reason> Because);

/// <param name="Steps">Every target, in order of id.</param>
public sealed record BuildPlan(ImmutableArray<PlanStep> Steps);
