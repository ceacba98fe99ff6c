using System.Collections.Immutable;
using Pipeline.Cli.Reporting;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Reconciling.Shares;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline build</c> in a repository.</summary>
internal static class BuildRepository
{
    public static async Task<ExitCode> ActAsync(Run run, string output, CancellationToken ct)
    {
        var isRegistry = StagePlace.IsMeant(output);
        if (!isRegistry && File.Exists(output))
            throw new UsageException($"'{output}' is a file; in a repository, --output is a directory");
        await using var opened = await OpenedRepository.OpenAsync(run, ct);
        if (opened.Workspace is not { } workspace)
            return opened.Exit;
        if (!isRegistry && new[] { "images", "boards" }.Any(d => IsWithin(output, Path.Join(workspace.HomePath, d))))
            throw new UsageException($"the manifests are in '{output}'; name another directory, such as out");
        await using var parts = isRegistry ? Composition.ForRepository(run, workspace) : Composition.ForFile(run, workspace, Path.GetFullPath(output));
        if (!isRegistry && parts.StorePath is { } store && IsWithin(output, store))
            throw new UsageException($"the releases are in '{output}', and 'pipeline reconcile' puts them there; name another directory, such as out");
        var selection = run.Value(run.Common.Targets) is { Length: > 0 } targets ? opened.Selection with { Images = ImagesOf(targets, workspace) } : opened.Selection;
        var outcome = await parts.LocalBuild(selection, run.Value(run.Common.Force), parts.OpenStage(output)).RunAsync(workspace, ct);
        return OutcomeText.Tell(run, outcome);
    }

    private static bool IsWithin(string output, string directory) =>
        Path.GetRelativePath(directory, Path.GetFullPath(output)).Split('/')[0] != "..";

    private static ImmutableArray<string> ImagesOf(string[] targets, Workspace workspace)
    {
        var images = workspace.Images.SelectMany(i => Target.IdsOf(i).Select(id => (id, i.Name))).ToDictionary(t => t.id, t => t.Name, StringComparer.Ordinal);
        if (Array.Find(targets, t => !images.ContainsKey(t)) is { } unknown)
            throw new UsageException($"there is no target '{unknown}' here; were the manifests at the same commit when the plan was made?");
        return [.. targets.Select(t => images[t]).Distinct(StringComparer.Ordinal)];
    }
}
