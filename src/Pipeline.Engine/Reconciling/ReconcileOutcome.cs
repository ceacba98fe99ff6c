using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;

namespace Pipeline.Engine.Reconciling;

/// <summary>How one image came out of a round.</summary>
public enum ImageResult
{
    Current,
    Suspended,
    Released,

    /// <summary>Built into a directory and not released.</summary>
    Built,

    /// <summary>Somebody else released the very same while it was built here.</summary>
    ReleasedElsewhere,
    Unreachable,
    Invalid,
    Failed,

    /// <summary>Something is stale and waits, by a policy or because it failed.</summary>
    Held,

    /// <summary>Some targets failed; the others were released beside the last good files of those.</summary>
    PartlyReleased,
}

/// <summary>What a round of reconciling came to; the numbers are the exit codes of the command line.</summary>
public enum ReconcileStatus
{
    Done = 0,
    InvalidInput = 1,
    TryAgain = 3,
    SomeFailed = 4,
}

/// <param name="Steps">All targets of the image, as planned; empty where its manifest has mistakes.</param>
/// <param name="Diagnostics">All that was said about it; errors exactly when nothing was released that should have been.</param>
public sealed record ImageOutcome(
    string Image, ImageResult Result, ImmutableArray<PlanStep> Steps, Release? Release, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>Whether waiting may help: everything that went wrong was the outside's fault.</summary>
    public bool IsTransient =>
        Result == ImageResult.Unreachable
        || (Result == ImageResult.Failed
            && Diagnostics.Any(IsOfTheOutside)
            && Diagnostics.All(d => d.Rule.Severity == Severity.Warning || IsOfTheOutside(d)));

    /// <summary>PL9xxx: trying again may help.</summary>
    internal static bool IsOfTheOutside(Diagnostic diagnostic) => diagnostic.Rule.Code.StartsWith("PL9", StringComparison.Ordinal);

    /// <summary>Something of it fails, in this round or, waiting to be tried again, in one before.</summary>
    public bool IsFailing => Result is ImageResult.Failed or ImageResult.PartlyReleased || Steps.Any(s => s.State == TargetState.Held && s.HasFailed);
}

/// <param name="Images">In order of name.</param>
/// <param name="Diagnostics">About the round as a whole (the store could not be read); then there are no images.</param>
public sealed record ReconcileOutcome(ImmutableArray<ImageOutcome> Images, ImmutableArray<Diagnostic> Diagnostics)
{
    /// <summary>The worst that happened: mistakes to mend before failures, failures before waiting.</summary>
    public ReconcileStatus Status =>
        Images.Any(i => i.Result == ImageResult.Invalid) ? ReconcileStatus.InvalidInput
        : Images.Any(i => i.Result is ImageResult.Failed or ImageResult.PartlyReleased && !i.IsTransient) ? ReconcileStatus.SomeFailed
        : Images.Any(i => i.IsTransient) || !Diagnostics.IsEmpty ? ReconcileStatus.TryAgain
        : ReconcileStatus.Done;

    /// <summary><c>5 images: 1 released, 3 current, 1 failed</c></summary>
    public string Summary
    {
        get
        {
            var counts = from image in Images
                         group image by image.Result into same
                         orderby same.Key
                         select $"{same.Count()} {Name(same.Key)}";
            return Images.Length switch
            {
                0 => "no images",
                1 => $"1 image: {Name(Images[0].Result)}",
                _ => $"{Images.Length} images: {string.Join(", ", counts)}",
            };
        }
    }

    private static string Name(ImageResult result) => result switch
    {
        ImageResult.ReleasedElsewhere => "released elsewhere",
        ImageResult.PartlyReleased => "partly released",
        _ => result.ToString().ToLowerInvariant(),
    };
}
