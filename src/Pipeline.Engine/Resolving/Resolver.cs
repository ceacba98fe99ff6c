using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Git;
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
        var wants = Wants(images.Where(i => !i.IsSuspended), workspace, selection).ToList();
        var keys = await KeysAsync(wants.Select(w => w.Source));
        var looks = await LookAsync(wants.ToLookup(w => keys[w.Source], StringComparer.Ordinal), ct);
        var targets = from image in images
                      from board in image.Boards
                      where selection.IncludesBoard(board.Value)
                      let manifest = workspace.Boards.GetValueOrDefault(board.Value)
                      where manifest is not null
                      from output in image.Outputs
                      let look = image.IsSuspended ? null : looks[keys[image.Source]].For(manifest.Platform)
                      let target = Complete(new(image, manifest, output, null, null, BoardProblem(image, workspace)), look, head)
                      select image.IsSuspended ? target : BlobLooks.Complete(target, b => looks[keys[b.Source]].For(b.Platform ?? manifest.Platform));
        return [.. targets.OrderBy(t => t.Id, StringComparer.Ordinal)];
    }

    private sealed record Want(ImageSource Source, Platform Platform);

    /// <summary>The sources of the images, and the images that blobs of their boards come from; each for its platforms.</summary>
    private static IEnumerable<Want> Wants(IEnumerable<ImageManifest> images, Workspace workspace, TargetSelection selection)
    {
        foreach (var image in images)
        {
            var boards = image.Boards.Where(b => selection.IncludesBoard(b.Value)).Select(b => workspace.Boards.GetValueOrDefault(b.Value)).OfType<BoardManifest>();
            foreach (var board in boards)
            {
                yield return new(image.Source, board.Platform);
                foreach (var blob in board.Blobs.Select(b => b.Image).OfType<BlobImage>())
                    yield return new(blob.Source, blob.Platform ?? board.Platform);
            }
        }
    }

    private async Task<Dictionary<ImageSource, string>> KeysAsync(IEnumerable<ImageSource> sources)
    {
        var keys = new Dictionary<ImageSource, string>();
        foreach (var source in sources.Distinct())
            keys[source] = await SourceLook.KeyAsync(source, settings.OpenSource);
        return keys;
    }

    private async Task<IReadOnlyDictionary<string, SourceLook>> LookAsync(
        ILookup<string, Want> byKey, CancellationToken ct)
    {
        var looks = new ConcurrentDictionary<string, SourceLook>(StringComparer.Ordinal);
        var options = new ParallelOptions { MaxDegreeOfParallelism = settings.ConcurrentLooks, CancellationToken = ct };
        await Parallel.ForEachAsync(byKey, options, async (wants, token) =>
        {
            var source = wants.First().Source with { Span = null };
            looks[wants.Key] = await SourceLook.TakeAsync(source, [.. wants.Select(w => w.Platform).Distinct()], settings.OpenSource, token);
        });
        return looks;
    }

    private static TargetProblem? BoardProblem(ImageManifest image, Workspace workspace)
    {
        var unusable = image.Boards.Where(b => !workspace.Boards.ContainsKey(b.Value)).ToList();
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
