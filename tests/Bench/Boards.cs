using System.Collections.Immutable;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Resolving;
using Pipeline.Oci.Sources;

namespace Pipeline.Bench;

/// <summary>
/// The product's rooms, called as <c>pipeline build --from</c> calls them, for several boards of one source in one
/// process. What the second board costs is the cost of two boards less the cost of one.
/// </summary>
internal static class Boards
{
    public static async Task<string> RunAsync(string layout, string boardFile, string output, int count)
    {
        var read = WorkspaceReader.ReadBoard(boardFile).Value ?? throw new InvalidDataException($"{boardFile} has mistakes");
        ImmutableArray<BoardManifest> boards = [.. Enumerable.Range(1, count).Select(i => read with { Name = $"bench-{i}" })];
        var cache = Directory.CreateDirectory(Path.Combine(output, "cache")).FullName;
        await using var sources = new ImageSources(new() { CacheDirectory = cache });
        var builder = new ImageBuilder(new() { OpenSource = s => sources.Open(s.Text, s.BaseDirectoryPath, s.Span), CacheDirectory = cache });
        var resolver = new Resolver(new()
        {
            OpenSource = s => sources.Open(s.Text, s.BaseDirectoryPath, s.Span),
            ManifestInputs = (image, board, kind) => ManifestInputs.Of(image, board, kind),
            EngineFormat = EngineFormat.Version,
        });
        var targets = await resolver.ResolveAsync(WorkspaceOf(layout, boards), TargetSelection.All, CancellationToken.None);
        var built = await builder.BuildAsync(targets, new(output, SilentReporter.Instance) { HashOutputs = false }, CancellationToken.None);
        if (built.FirstOrDefault(b => !b.IsOk) is { Value: null, Diagnostics: { IsDefaultOrEmpty: false } said })
            throw new InvalidDataException(string.Join('\n', said));
        return $"{built.Length} boards";
    }

    private static Workspace WorkspaceOf(string layout, ImmutableArray<BoardManifest> boards)
    {
        var image = new ImageManifest
        {
            Name = "image",
            DirectoryPath = layout,
            Span = boards[0].Span,
            Description = "",
            Source = new ImageSource($"oci:{layout}", layout, null),
            Boards = [.. boards.Select(b => new Core.Diagnostics.Located<string>(b.Name, b.Span))],
            Outputs = [new(OutputKind.Disk, OutputCompression.None, false, null)],
            Customization = new(),
            Labels = ImmutableSortedDictionary<string, string>.Empty,
            IsSuspended = false,
            Folders = [],
        };
        return new(layout, new PipelineConfig(), [image], boards.ToImmutableSortedDictionary(b => b.Name, b => b, StringComparer.Ordinal), []);
    }
}
