using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;

namespace Pipeline.Web.Status;

/// <summary>How a target stands, as people are told. In the order in which somebody should look.</summary>
public enum ShownState
{
    /// <summary>Its last build failed, and nothing that decides it has moved since.</summary>
    Failed,
    Invalid,
    Unreachable,

    /// <summary>Its image is under way in this round.</summary>
    Building,
    Stale,
    Held,
    Suspended,
    Current,
}

/// <summary>One output of an image for a board.</summary>
/// <param name="Because">Why it stands so, a line each.</param>
/// <param name="Files">Of the last release; empty where there is none.</param>
public sealed record TargetStatus(string Board, string Output, ShownState State, ImmutableArray<string> Because, ImmutableArray<ReleaseFile> Files);

/// <summary>A document beside the images of a release: checksums, signature, changelog, parts lists.</summary>
public sealed record ReleaseDocument(string Name, ByteSize Size);

/// <summary>What stands released.</summary>
/// <param name="Location">A directory or an address.</param>
/// <param name="Changelog">Markdown; null where it could not be read.</param>
/// <param name="Documents">In order of name; empty where they could not be listed.</param>
public sealed record ReleaseStatus(string Version, string Location, string? Changelog, ImmutableArray<ReleaseDocument> Documents)
{
    /// <summary>Where the files can be fetched; null where the location is no address.</summary>
    public Uri? Address => Uri.TryCreate(Location, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri : null;

    /// <summary>Null where the version is none of ours.</summary>
    public DateOnly? Day => ReleaseVersion.TryParse(Version, out var version) ? version.Day : null;

    public bool Has(string document) => Documents.Any(d => d.Name == document);
}

/// <param name="Targets">None where its manifest has mistakes.</param>
/// <param name="Complaints">Of the last round, as people read them.</param>
public sealed record ImageStatus(string Name, string Description, ImmutableArray<TargetStatus> Targets, ReleaseStatus? Release, ImmutableArray<string> Complaints);

/// <summary>A piece of work under way.</summary>
/// <param name="Image">Null where it belongs to none.</param>
/// <param name="Total">Bytes; null where it is not known.</param>
public sealed record WorkStatus(string? Image, string Label, long Done, long? Total, int Seconds)
{
    /// <summary>0 to 100; null where the total is not known.</summary>
    public int? Percent => Total is > 0 and { } total ? (int)Math.Clamp(100 * Done / total, 0, 100) : null;

    /// <summary><c>31.4 MiB of 64 MiB, 12 s</c></summary>
    public string Detail => string.Join(", ", new[] { Bytes, $"{Seconds.ToString(CultureInfo.InvariantCulture)} s" }.Where(t => t.Length > 0));

    private string Bytes => Total is > 0 and { } total ? $"{new ByteSize(Math.Min(Done, total))} of {new ByteSize(total)}" : Done > 0 ? $"{new ByteSize(Done)}" : "";
}

/// <summary>Rounds, as those see them who look at a controller.</summary>
/// <param name="Ended">The last one; null before the first ended.</param>
/// <param name="Summary"><c>5 images: 1 released, 4 current</c>; empty before the first ended.</param>
/// <param name="UnderWaySince">Null between rounds.</param>
/// <param name="Complaints">About the last round as a whole.</param>
public sealed record RoundStatus(DateTimeOffset? Ended, string Summary, DateTimeOffset? UnderWaySince, ImmutableArray<string> Complaints)
{
    public static RoundStatus Of(RoundLog rounds) => rounds.Rounds.LastOrDefault() is { } last
        ? new(last.Ended, last.Outcome.Summary, rounds.UnderWaySince, [.. last.Outcome.Diagnostics.Select(DiagnosticFormat.Human)])
        : new(null, "", rounds.UnderWaySince, []);
}

/// <summary>What only a controller knows, at one moment.</summary>
/// <param name="Building">The images that this round is at.</param>
/// <param name="Log">The newest last.</param>
public sealed record LiveStatus(RoundStatus Round, ImmutableArray<WorkStatus> Works, ImmutableHashSet<string> Building, ImmutableArray<LogLine> Log);

/// <summary>The disk of a board as a picture.</summary>
/// <param name="Svg">A whole document.</param>
public sealed record BoardPicture(string Name, string Description, string Svg);

/// <summary>All that the pages show, at one moment.</summary>
/// <param name="Live">Of the controller that serves the pages, which then follow it; null where they are written once.</param>
public sealed record StatusModel(string Title, ImmutableArray<ImageStatus> Images, ImmutableArray<BoardPicture> Boards, LiveStatus? Live)
{
    /// <summary>What was said about the repository and is about none of the images shown: <c>pipeline.yaml</c>, boards, the lock file.</summary>
    public ImmutableArray<string> Mistakes { get; init; } = [];

    public ImmutableArray<WorkStatus> Works => Live?.Works ?? [];

    /// <summary>How many targets stand how; those that a person should look at first.</summary>
    public IEnumerable<(ShownState State, int Count)> Counts =>
        Images.SelectMany(i => i.Targets.IsEmpty ? [ShownState.Invalid] : i.Targets.Select(t => t.State)).GroupBy(s => s).OrderBy(g => g.Key).Select(g => (g.Key, g.Count()));

    /// <summary>Of all targets, in order of name.</summary>
    public IEnumerable<string> BoardNames => Images.SelectMany(i => i.Targets).Select(t => t.Board).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);

    /// <summary>Null where it could not be drawn.</summary>
    public BoardPicture? PictureOf(string board) => Boards.FirstOrDefault(b => b.Name == board);
}
