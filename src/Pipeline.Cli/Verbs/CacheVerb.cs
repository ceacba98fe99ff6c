using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Cache;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline cache</c>: how much was downloaded and kept, and taking it away.</summary>
internal static class CacheVerb
{
    private static readonly (CachedTree Kind, string Json, string Singular, string Plural)[] Kinds =
    [
        (CachedTree.ScriptResult, "script", "result of scripts", "results of scripts"),
        (CachedTree.ScriptDownloads, "scriptDownload", "folder of downloads of scripts", "folders of downloads of scripts"),
        (CachedTree.Manifests, "remote", "tree of manifests from elsewhere", "trees of manifests from elsewhere"),
        (CachedTree.Release, "release", "image with releases to flash", "images with releases to flash"),
    ];

    public static Command Create(CommonOptions common)
    {
        var verb = new VerbCommand("cache", "Show what the cache of downloads holds; 'cache prune' makes it smaller")
        {
            Examples = [("pipeline cache", "where it is and how large"), ("pipeline cache prune --limit 5GiB", "take away what was used longest ago")],
            ExitCodes = [(ExitCode.Done, "shown"), (ExitCode.TryAgain, "the disk failed")],
        }
        .With(common.Cache, common.Repository)
        .Does(common, (run, _) => Task.FromResult(Show(run)));
        verb.Add(CreatePrune(common));
        return verb;
    }

    private static VerbCommand CreatePrune(CommonOptions common)
    {
        var limit = new Option<ByteSize?>("--limit")
        {
            HelpName = "SIZE",
            Description = "Leave at most this much, such as 500MiB or 5GiB (default: the repository's cache limit)",
            CustomParser = result =>
            {
                if (SizeArgument.TryParse(result.Tokens[0].Value, out var size))
                    return size;
                result.AddError($"'{result.Tokens[0].Value}' is not a size, expected a number and B, KiB, MiB, GiB or TiB, such as 5GiB");
                return null;
            },
        };
        var all = new Option<bool>("--all") { Description = "Leave nothing, also not what was used within the last hour" };
        var verb = new VerbCommand("prune", "Remove what was used longest ago")
        {
            Notes = "What counts: layers, what scripts of 'command:' sources left and keep, manifests from elsewhere, releases that were downloaded to flash\nthem. Safe while others build: blobs that they have open stay readable for them, the rest stays for an hour after its last use, and\nwhat they miss they fetch again.",
            Examples = [("pipeline cache prune", "down to the limit of pipeline.yaml"), ("pipeline cache prune --all", "everything")],
            ExitCodes = [(ExitCode.Done, "done, also where there was nothing to remove"), (ExitCode.TryAgain, "the disk failed")],
        }
        .With(limit, all, common.Cache, common.Repository)
        .Does(common, (run, _) => Task.FromResult(Prune(run, run.Value(limit), run.Value(all))));
        verb.Validators.Add(result =>
        {
            if (result.GetValue(all) && result.GetResult(limit) is not null)
                result.AddError("--all leaves nothing; leave out --limit");
        });
        return verb;
    }

    private static ExitCode Show(Run run)
    {
        var (description, trees) = new WholeCache(run.CachePath, TimeProvider.System).Describe();
        var oldest = description.OldestUse?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        var text = $"{description.Directory}\n{Text.Count(description.BlobCount, "blob")}, {description.Size}{(oldest is null ? "" : $", the oldest last used {oldest} UTC")}\n"
            + string.Concat(Kinds.Select(k => Line(k.Singular, k.Plural, [.. trees.Where(t => t.Kind == k.Kind)])));
        run.Results.Write(text, "cache", json =>
        {
            json.WriteString("directory", description.Directory);
            json.WriteNumber("blobs", description.BlobCount);
            json.WriteNumber("bytes", description.Size.Bytes);
            json.WriteString("oldestUse", oldest);
            foreach (var (kind, name, _, _) in Kinds)
            {
                json.WriteNumber(name + (name == "script" ? "Results" : "s"), trees.Count(t => t.Kind == kind));
                json.WriteNumber(name + "Bytes", trees.Where(t => t.Kind == kind).Sum(t => t.Bytes));
            }
        });
        return ExitCode.Done;
    }

    private static ExitCode Prune(Run run, ByteSize? limit, bool all)
    {
        var cache = new WholeCache(run.CachePath, TimeProvider.System);
        var pruned = all ? cache.Clear() : cache.Prune(limit?.Bytes ?? (WorkspaceReader.Read(run.RepositoryPath).Value?.Config ?? new PipelineConfig()).CacheLimitBytes);
        run.Results.Write($"{(pruned.RemovedCount == 0 ? "nothing" : $"{pruned.RemovedCount} ({pruned.Removed})")} removed, {pruned.Left} left", "pruned", json =>
        {
            json.WriteNumber("removed", pruned.RemovedCount);
            json.WriteNumber("removedBytes", pruned.Removed.Bytes);
            json.WriteNumber("leftBytes", pruned.Left.Bytes);
        });
        return ExitCode.Done;
    }

    private static string Line(string singular, string plural, ImmutableArray<CacheTree> trees) => trees.IsEmpty
        ? ""
        : $"{trees.Length.ToString(CultureInfo.InvariantCulture)} {(trees.Length == 1 ? singular : plural)}, {new ByteSize(trees.Sum(t => t.Bytes))}\n";
}
