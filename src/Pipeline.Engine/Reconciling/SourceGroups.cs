using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Building;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling;

/// <summary>Builds the stale targets of an image, those of one source together.</summary>
internal static class SourceGroups
{
    /// <summary>One call for each source, so that boards share what was unpacked; results in order of the steps.</summary>
    public static async Task<ImmutableArray<Result<Artifact>>> BuildAsync(
        ReconcilerParts parts, ImmutableArray<PlanStep> stale, string output, CancellationToken ct)
    {
        Clear(output);
        var results = new Dictionary<string, Result<Artifact>>(StringComparer.Ordinal);
        var groups = stale.Select(s => s.Target).GroupBy(t => (t.Resolved!.Identity, t.Board.Platform)).ToList();
        foreach (var (index, group) in groups.Index())
        {
            var context = new BuildContext(Path.Combine(output, $"{index}"), parts.Reporter) { ListPackages = true };
            Directory.CreateDirectory(context.OutputDirectory);
            ImmutableArray<Target> targets = [.. group];
            var built = await parts.Builder.BuildAsync(targets, context, ct);
            if (built.Length != targets.Length)
                throw new InvalidOperationException($"the builder gave {built.Length} results for {targets.Length} targets");
            foreach (var (target, result) in targets.Zip(built))
                results.Add(target.Id, result);
        }
        return [.. stale.Select(s => results[s.Target.Id])];
    }

    /// <summary>What cannot be removed now is removed before the next build; it must not hide how this one ended.</summary>
    public static void ClearQuietly(string directory)
    {
        try
        {
            Clear(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }

    private static void Clear(string directory)
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }
}
