using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.LinuxKit;
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

    /// <summary>What is recorded of the run itself with every target, asked once in each round.</summary>
    public Func<CancellationToken, Task<ImmutableSortedDictionary<string, string>>> RunFacts { get; init; } = _ => Task.FromResult(ImmutableSortedDictionary<string, string>.Empty);

    /// <summary>All tags of HOST/NAME. Throws like the registry does.</summary>
    public Func<string, CancellationToken, Task<ImmutableArray<string>>> ListTags { get; init; } = (name, _) => throw new IOException($"the tags of '{name}' cannot be asked for");

    /// <summary>What a minimum age is counted from.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

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
        var (images, unfollowed) = await new FollowedTags(settings, workspace).ChooseAsync([.. workspace.Images.Where(i => selection.IncludesImage(i.Name))], ct);
        var run = new RunLook(settings.Git is null ? null : await settings.Git.HeadAsync(ct), await settings.RunFacts(ct));
        var wants = Wants(images.Where(i => !i.IsSuspended && !unfollowed.ContainsKey(i.Name)), workspace, selection).ToList();
        var keys = await KeysAsync(wants.Select(w => w.Source));
        var looks = await LookAsync(wants.ToLookup(w => keys[w.Source], StringComparer.Ordinal), ct);
        var targets = from image in images
                      from board in image.Boards
                      where selection.IncludesBoard(board.Value)
                      where workspace.HasBoard(board.Value)
                      from output in image.Outputs
                      let find = image.IsSuspended || unfollowed.ContainsKey(image.Name) ? null : new Func<ImageSource, SourceLook>(s => looks[keys[s]])
                      let made = Make(new(image, board, output), workspace, find, run)
                      let target = find is null ? made : PayloadLooks.Complete(made, s => find(s).For(PlatformOf(board.Value, workspace)))
                      select unfollowed.TryGetValue(image.Name, out var problem) ? target with { Problem = target.Problem ?? problem } : target;
        return [.. targets.OrderBy(t => t.Id, StringComparer.Ordinal)];
    }

    /// <param name="Platform">Null is the only one that the source offers.</param>
    private sealed record Want(ImageSource Source, Platform? Platform);

    private sealed record RunLook(GitHead? Head, ImmutableSortedDictionary<string, string> Facts);

    private sealed record Part(ImageManifest Image, Located<string> Board, Output Output);

    /// <summary>The sources of the images, and the images that blobs of their boards come from; each for its platforms.</summary>
    private static IEnumerable<Want> Wants(IEnumerable<ImageManifest> images, Workspace workspace, TargetSelection selection)
    {
        foreach (var image in images)
        {
            var names = image.Boards.Select(b => b.Value).Where(selection.IncludesBoard).ToList();
            if (image.LinuxKit is not null)
            {
                foreach (var want in ContainerWants(image.LinuxKit, names, workspace).Concat(PlainWants(image.LinuxKit, names)))
                    yield return want;
                continue;
            }
            foreach (var want in PayloadWants(image, names, workspace))
                yield return want;
            foreach (var carried in names.Where(CarriedName.Is))
                yield return new(image.Source, CarriedName.PlatformOf(carried, null, out _));
            foreach (var board in names.Select(n => workspace.Boards.GetValueOrDefault(n)).OfType<BoardManifest>())
            {
                yield return new(image.Source, board.Platform);
                foreach (var blob in board.Blobs.Select(b => b.Image).OfType<BlobImage>())
                    yield return new(blob.Source, blob.Platform ?? board.Platform);
            }
        }
    }

    /// <summary>The images that live systems carry, each for the platform of its board.</summary>
    private static IEnumerable<Want> PayloadWants(ImageManifest image, IReadOnlyList<string> boards, Workspace workspace) =>
        from payload in image.Outputs.Select(o => o.Live.Payload).OfType<PayloadImage>()
        from board in boards
        where workspace.Boards.ContainsKey(board) || CarriedName.Is(board)
        select new Want(payload.Source, PlatformOf(board, workspace));

    /// <returns>Null where the container says it, as the only one that it is for.</returns>
    private static Platform? PlatformOf(string board, Workspace workspace) =>
        workspace.Boards.TryGetValue(board, out var manifest) ? manifest.Platform : CarriedName.Is(board) ? CarriedName.PlatformOf(board, null, out _) : null;

    /// <summary>The images of a system of several containers, and those of blobs of its boards.</summary>
    private static IEnumerable<Want> ContainerWants(LinuxKitDocument document, IEnumerable<string> boards, Workspace workspace) =>
        from board in boards.Select(n => workspace.Boards.GetValueOrDefault(n)).OfType<BoardManifest>()
        let blobs = board.Blobs.Select(b => b.Image).OfType<BlobImage>().Select(b => new Want(b.Source, b.Platform ?? board.Platform))
        from want in LinuxKitLooks.Wants(document, board.Platform).Select(w => new Want(w.Source, w.Platform)).Concat(blobs)
        select want;

    /// <summary>For a directory a platform is enough.</summary>
    private static IEnumerable<Want> PlainWants(LinuxKitDocument document, IEnumerable<string> boards) =>
        from board in boards.Where(CarriedName.Is)
        let platform = CarriedName.PlatformOf(board, null, out _)
        where platform is not null
        from want in LinuxKitLooks.Wants(document, platform)
        select new Want(want.Source, want.Platform);

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
            var wanted = new WantedPlatforms([.. wants.Select(w => w.Platform).OfType<Platform>().Distinct()], wants.Any(w => w.Platform is null));
            looks[wants.Key] = await SourceLook.TakeAsync(source, wanted, settings.OpenSource, token);
        });
        return looks;
    }

    /// <param name="find">The look at a source; null for a suspended image.</param>
    private Target Make(Part part, Workspace workspace, Func<ImageSource, SourceLook>? find, RunLook run)
    {
        var (image, board, output) = part;
        var problem = BoardProblem(image, workspace);
        if (image.LinuxKit is not null)
            return MakeLinuxKit(part, workspace, find, run);
        var look = find?.Invoke(image.Source);
        if (workspace.Boards.TryGetValue(board.Value, out var manifest))
        {
            var laid = image.Layout is { } layout ? CarriedLayout.Apply(manifest, layout) : manifest;
            problem ??= laid.IsOk ? null : new(false, laid.Diagnostics);
            var complete = Complete(new(image, laid.Value ?? manifest, output, null, null, problem), look?.For(manifest.Platform), run);
            return find is null ? complete : BlobLooks.Complete(complete, b => find(b.Source).For(b.Platform ?? manifest.Platform));
        }
        var (target, found) = CarriedTarget.Make(image, board, output, look);
        return Complete(target with { Problem = problem ?? target.Problem }, found, run);
    }

    private Target MakeLinuxKit(Part part, Workspace workspace, Func<ImageSource, SourceLook>? find, RunLook run)
    {
        var (image, board, output) = part;
        var problem = BoardProblem(image, workspace);
        if (!workspace.Boards.TryGetValue(board.Value, out var manifest))
        {
            var span = board.Span ?? image.Span;
            if (output.Kind == OutputKind.Directory && CarriedName.PlatformOf(board.Value, span, out _) is { } platform && find is not null)
                return LinuxKitLooks.Complete(Complete(new(image, CarriedLayout.Unread(board.Value, platform, span), output, null, null, problem), LinuxKitLooks.Look(image, platform, find), run));
            var none = new TargetProblem(false, [Diagnostic.Create(LinuxKitRules.NoLayout, span, board.Value)]);
            return new(image, CarriedLayout.Unread(board.Value, Platform.Of("linux", "unknown", null), span), output, null, null, problem ?? none);
        }
        var laid = image.Layout is { } layout ? CarriedLayout.Apply(manifest, layout) : manifest;
        problem ??= laid.IsOk ? null : new(false, laid.Diagnostics);
        var look = find is null ? null : LinuxKitLooks.Look(image, manifest.Platform, find);
        var target = LinuxKitLooks.Complete(Complete(new(image, laid.Value ?? manifest, output, null, null, problem), look, run));
        return find is null ? target : BlobLooks.Complete(target, b => find(b.Source).For(b.Platform ?? manifest.Platform));
    }

    private static TargetProblem? BoardProblem(ImageManifest image, Workspace workspace)
    {
        var unusable = image.Boards.Where(b => !workspace.HasBoard(b.Value)).ToList();
        return unusable.Count == 0
            ? null
            : new(false, [.. unusable.Select(b => Diagnostic.Create(ResolvingRules.BoardUnusable, b.Span ?? image.Span, b.Value, image.Name))]);
    }

    /// <param name="look">Null for a suspended image.</param>
    private Target Complete(Target target, PlatformLook? look, RunLook run)
    {
        if (look is null || target.Problem is not null)
            return target;
        if (look.Resolved is not { } resolved)
            return target with { Problem = look.Problem! with { Diagnostics = Placed(look.Problem.Diagnostics, target) } };
        var manifestInputs = settings.ManifestInputs(target.Image, target.Board, target.Output);
        var facts = new InputFacts(settings.EngineFormat, target.Board.Platform.ToString(), run.Head) { OfTheRun = run.Facts };
        var inputs = TargetInputs.Compose(resolved, look.Name, manifestInputs, facts);
        return target with { Resolved = resolved, Inputs = inputs, Warnings = Placed(look.Warnings, target) };
    }

    /// <summary>A source knows no manifests: its complaints are about the line that named it.</summary>
    private static ImmutableArray<Diagnostic> Placed(ImmutableArray<Diagnostic> diagnostics, Target target) =>
        [.. diagnostics.Select(d => d with { Span = d.Span ?? target.Image.Source.Span ?? target.Image.Span })];
}
