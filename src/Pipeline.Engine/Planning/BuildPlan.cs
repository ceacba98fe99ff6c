using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Planning;

/// <summary>One output of one image for one board, with everything that decides it.</summary>
/// <param name="Resolved">Null where the source could not be looked at, or has mistakes (then <paramref name="Problem"/> says why).</param>
/// <param name="Inputs">Null exactly when the target cannot be built now.</param>
public sealed record Target(
    ImageManifest Image, BoardManifest Board, Output Output, ResolvedSource? Resolved, BuildInputs? Inputs, TargetProblem? Problem)
{
    /// <summary><c>IMAGE/BOARD/disk</c>: unique in a repository and stable over time.</summary>
    public string Id => IdOf(Image.Name, Board.Name, Output);

    /// <summary>What the images that blobs of the board come from stand for now, in the order of the blobs.</summary>
    public ImmutableArray<ResolvedBlobImage> BlobImages { get; init; } = [];

    /// <summary>What the image stands for now that the live system carries; null where it carries none.</summary>
    public PlatformImage? Payload { get; init; }

    /// <summary>What was said about the source although it can be used.</summary>
    public ImmutableArray<Diagnostic> Warnings { get; init; } = [];

    public static string IdOf(string image, string board, Output output) =>
        $"{image}/{board}/{output.Word}";

    /// <summary>The ids of all that an image asks for, in order.</summary>
    public static ImmutableSortedSet<string> IdsOf(ImageManifest image) =>
        ImmutableSortedSet.CreateRange(
            StringComparer.Ordinal,
            from board in image.Boards from output in image.Outputs select IdOf(image.Name, board.Value, output));
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

    /// <summary>Stale, and not built now: <see cref="PlanStep.Note"/> says why.</summary>
    Held,
}

public enum ReasonKind
{
    /// <summary>An input differs from the last release's.</summary>
    Input,
    NeverPublished,
    Forced,

    /// <summary>A file of the last release is gone or has another length; <see cref="Reason.Input"/> is its name.</summary>
    FileLost,
}

/// <summary>Why a target is stale: an input, what it was in the last release and what it is now (null: was not there, is not there).</summary>
public sealed record Reason(string Input, string? Old, string? New)
{
    /// <summary>Longer values are cut in the readable form; the whole one stands in <c>inputs.json</c>.</summary>
    public const int ShownCharacters = 80;

    public static Reason NeverPublished { get; } = new("never published", null, null) { Kind = ReasonKind.NeverPublished };

    public static Reason Forced { get; } = new("forced", null, null) { Kind = ReasonKind.Forced };

    public ReasonKind Kind { get; init; } = ReasonKind.Input;

    public static Reason Lost(string file) => new(file, null, null) { Kind = ReasonKind.FileLost };

    /// <summary><c>source.manifest sha256:aaaaaaaaaaaa… → sha256:bbbbbbbbbbbb…</c></summary>
    public override string ToString() => Kind switch
    {
        ReasonKind.Input => $"{Input} {Show(Old)} → {Show(New)}",
        ReasonKind.FileLost => $"last release lost {Input}",
        _ => Input,
    };

    /// <summary>A value as people read it: digests as twelve digits, long texts cut, what is not there as <c>(none)</c>.</summary>
    public static string Show(string? value)
    {
        if (value is null)
            return "(none)";
        if (Core.Units.Digest.TryParse(value, out var digest))
            return $"{digest.Algorithm}:{digest.Short}…";
        var line = string.Concat(value.Select(c => char.IsControl(c) ? '\u00b7' : c));
        return line.Length switch
        {
            0 => "(empty)",
            > ShownCharacters => line[..ShownCharacters] + "…",
            _ => line,
        };
    }
}

public sealed record PlanStep(Target Target, TargetState State, ImmutableArray<Reason> Because)
{
    /// <summary>What a held target waits for, or how a stale one failed before; otherwise null.</summary>
    public string? Note { get; init; }

    /// <summary>It failed with these inputs before.</summary>
    public bool HasFailed { get; init; }
}

/// <param name="Steps">Every target, in order of id.</param>
public sealed record BuildPlan(ImmutableArray<PlanStep> Steps)
{
    /// <summary>Ids that the last release holds and the manifest no longer asks for: the next release leaves them out.</summary>
    public ImmutableArray<string> Retired { get; init; } = [];

    /// <summary>Images whose manifests have mistakes (already reported): they have no steps.</summary>
    public ImmutableArray<string> InvalidImages { get; init; } = [];
}
