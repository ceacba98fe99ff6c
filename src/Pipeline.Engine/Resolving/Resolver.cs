using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Resolving;

/// <summary>What the resolver is composed of.</summary>
public sealed record ResolverSettings
{
    /// <summary>Opens a source that is not a <c>command:</c>; mistakes of the text are diagnostics. Opening asks nothing of the network.</summary>
    public required Func<ImageSource, Result<IImageSource>> OpenSource { get; init; }

    /// <summary>What of an image, a board and an output decides bytes, by name.</summary>
    public required Func<ImageManifest, BoardManifest, Output, IReadOnlyDictionary<string, string>> ManifestInputs { get; init; }

    /// <summary><c>EngineFormat.Version</c>, from a room to the right.</summary>
    public required string EngineFormat { get; init; }

    /// <summary>Null outside of git.</summary>
    public GitRepository? Git { get; init; }

    /// <summary>How many sources are looked at at once.</summary>
    public int ConcurrentLooks { get; init; } = 16;
}

/// <summary>
/// Says what every source stands for now: the only network before building. Each distinct source is looked at once,
/// however many images stand on it, then followed to each platform that a board wants. What cannot be looked at leaves
/// its targets with a problem; it never stops the others.
/// </summary>
public sealed class Resolver(ResolverSettings settings)
{
    /// <summary>One target for each board and output of the selected images, in order of id. Suspended images are not looked at.</summary>
    public async Task<ImmutableArray<Target>> ResolveAsync(Workspace workspace, TargetSelection selection, CancellationToken ct)
    {
        var images = workspace.Images.Where(i => selection.IncludesImage(i.Name)).ToList();
        var head = settings.Git is null ? null : await settings.Git.HeadAsync(ct);
        var keys = await KeysAsync(images);
        var looks = await LookAsync(images.Where(i => !i.IsSuspended).ToLookup(i => keys[i.Source], StringComparer.Ordinal), workspace, selection, ct);
        var targets = from image in images
                      from board in image.Boards
                      where selection.IncludesBoard(board.Value)
                      where workspace.HasBoard(board.Value)
                      from output in image.Outputs
                      let look = image.IsSuspended ? null : looks[keys[image.Source]]
                      select Make(image, board, output, workspace, look, head);
        return [.. targets.OrderBy(t => t.Id, StringComparer.Ordinal)];
    }

    private async Task<Dictionary<ImageSource, string>> KeysAsync(IEnumerable<ImageManifest> images)
    {
        var keys = new Dictionary<ImageSource, string>();
        foreach (var source in images.Where(i => !i.IsSuspended).Select(i => i.Source).Distinct())
            keys[source] = await SourceLook.KeyAsync(source, settings.OpenSource);
        return keys;
    }

    private async Task<IReadOnlyDictionary<string, SourceLook>> LookAsync(
        ILookup<string, ImageManifest> bySource, Workspace workspace, TargetSelection selection, CancellationToken ct)
    {
        var looks = new ConcurrentDictionary<string, SourceLook>(StringComparer.Ordinal);
        var options = new ParallelOptions { MaxDegreeOfParallelism = settings.ConcurrentLooks, CancellationToken = ct };
        await Parallel.ForEachAsync(bySource, options, async (images, token) =>
        {
            var boards = images.SelectMany(i => i.Boards.Select(b => b.Value)).Where(selection.IncludesBoard).Distinct(StringComparer.Ordinal).ToList();
            var source = images.First().Source with { Span = null };
            looks[images.Key] = await SourceLook.TakeAsync(source, Wanted(boards, workspace), settings.OpenSource, token);
        });
        return looks;
    }

    private static WantedPlatforms Wanted(List<string> boards, Workspace workspace)
    {
        var platforms = boards.Select(b => CarriedName.Is(b) ? CarriedName.PlatformOf(b, null, out _) : workspace.Boards.GetValueOrDefault(b)?.Platform);
        return new([.. platforms.OfType<Platform>().Distinct()], boards.Contains(CarriedName.Plain, StringComparer.Ordinal));
    }

    private Target Make(ImageManifest image, Located<string> board, Output output, Workspace workspace, SourceLook? look, GitHead? head)
    {
        var problem = BoardProblem(image, workspace);
        if (workspace.Boards.TryGetValue(board.Value, out var manifest))
        {
            var laid = image.Layout is { } layout ? CarriedLayout.Apply(manifest, layout) : manifest;
            problem ??= laid.IsOk ? null : new(false, laid.Diagnostics);
            return Complete(new(image, laid.Value ?? manifest, output, null, null, problem), look?.For(manifest.Platform), head);
        }
        var (target, found) = CarriedTarget.Make(image, board, output, look);
        return Complete(target with { Problem = problem ?? target.Problem }, found, head);
    }

    private static TargetProblem? BoardProblem(ImageManifest image, Workspace workspace)
    {
        var unusable = image.Boards.Where(b => !workspace.HasBoard(b.Value)).ToList();
        return unusable.Count == 0
            ? null
            : new(false, [.. unusable.Select(b => Diagnostic.Create(ResolvingRules.BoardUnusable, b.Span ?? image.Span, b.Value, image.Name))]);
    }

    /// <param name="look">Null for a suspended image.</param>
    private Target Complete(Target target, PlatformLook? look, GitHead? head)
    {
        if (look is null || target.Problem is not null)
            return target;
        if (look.Resolved is not { } resolved)
            return target with { Problem = look.Problem! with { Diagnostics = Placed(look.Problem.Diagnostics, target) } };
        var manifestInputs = settings.ManifestInputs(target.Image, target.Board, target.Output);
        var facts = new InputFacts(settings.EngineFormat, target.Board.Platform.ToString(), head);
        var inputs = TargetInputs.Compose(resolved, look.Name, manifestInputs, facts);
        return target with { Resolved = resolved, Inputs = inputs, Warnings = Placed(look.Warnings, target) };
    }

    /// <summary>A source knows no manifests: its complaints are about the line that named it.</summary>
    private static ImmutableArray<Diagnostic> Placed(ImmutableArray<Diagnostic> diagnostics, Target target) =>
        [.. diagnostics.Select(d => d with { Span = d.Span ?? target.Image.Source.Span ?? target.Image.Span })];
}
