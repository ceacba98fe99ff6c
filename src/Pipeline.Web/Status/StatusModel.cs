using System.Collections.Immutable;
using Pipeline.Engine.Planning;

namespace Pipeline.Web.Status;

/// <summary>One output of an image for a board.</summary>
/// <param name="Files">Of the last release; empty where there is none.</param>
public sealed record TargetStatus(string Board, string Output, TargetState State, ImmutableArray<string> Because, ImmutableArray<ReleaseFile> Files);

/// <summary>What stands released.</summary>
/// <param name="Location">A directory or an address.</param>
/// <param name="Changelog">Markdown; null where it could not be read.</param>
public sealed record ReleaseStatus(string Version, string Location, string? Changelog)
{
    /// <summary>Where the files can be fetched; null where the location is no address.</summary>
    public Uri? Address => Uri.TryCreate(Location, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;
}

/// <param name="Result">What became of it in the last round, in one word; empty before the first.</param>
/// <param name="Complaints">Of the last round, as people read them.</param>
public sealed record ImageStatus(
    string Name, string Description, string Result, ImmutableArray<TargetStatus> Targets, ReleaseStatus? Release, ImmutableArray<string> Complaints)
{
    /// <summary>Whether something needs a person.</summary>
    public bool IsBroken => Targets.Any(t => t.State is TargetState.Invalid) || Result is "failed" or "invalid";
}

/// <summary>A piece of work under way.</summary>
/// <param name="Total">Bytes; null where it is not known.</param>
public sealed record WorkStatus(string Label, long Done, long? Total, int Seconds)
{
    /// <summary>0 to 100; null where the total is not known.</summary>
    public int? Percent => Total is > 0 and { } total ? (int)Math.Clamp(100 * Done / total, 0, 100) : null;
}

/// <summary>The disk of a board as a picture.</summary>
/// <param name="Svg">A whole document.</param>
public sealed record BoardPicture(string Name, string Description, string Svg);

/// <summary>All that the pages show, at one moment.</summary>
/// <param name="Said">When and how the last round ended, in one line.</param>
/// <param name="IsLive">True: a controller serves it, and the page follows. False: it is written once.</param>
public sealed record StatusModel(
    string Title, ImmutableArray<ImageStatus> Images, ImmutableArray<WorkStatus> Works, ImmutableArray<BoardPicture> Boards, string Said, bool IsLive)
{
    /// <summary><c>3 current, 1 stale</c></summary>
    public string Counts
    {
        get
        {
            var counts = Images.SelectMany(i => i.Targets).GroupBy(t => t.State).OrderBy(g => g.Key).Select(g => $"{g.Count()} {g.Key.ToString().ToLowerInvariant()}").ToList();
            return counts.Count == 0 ? "nothing is asked for" : string.Join(", ", counts);
        }
    }
}
