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
    /// <summary>The folder of the cache with releases that were downloaded to flash them.</summary>
    public const string Downloads = "downloads";

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
        var all = new Option<bool>("--all") { Description = "Leave nothing, also not what scripts of 'command:' sources made and releases that were downloaded to flash them" };
        var verb = new VerbCommand("prune", "Remove downloads, those used longest ago first")
        {
            Notes = "Safe while others build: what they have open stays readable for them, and what they miss they fetch again.",
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
        var cache = new BlobCache(run.CachePath, 0, TimeProvider.System);
        var description = cache.Describe();
        var scripts = ScriptResults(run);
        var scriptBytes = scripts.Sum(SizeOf);
        var oldest = description.OldestUse?.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
        var text = $"{description.Directory}\n{Text.Count(description.BlobCount, "blob")}, {description.Size}{(oldest is null ? "" : $", the oldest last used {oldest} UTC")}\n"
            + (scripts.Count == 0 ? "" : $"{Text.Count(scripts.Count, "result")} of scripts, {new ByteSize(scriptBytes)}\n");
        run.Results.Write(text, "cache", json =>
        {
            json.WriteString("directory", description.Directory);
            json.WriteNumber("blobs", description.BlobCount);
            json.WriteNumber("bytes", description.Size.Bytes);
            json.WriteString("oldestUse", oldest);
            json.WriteNumber("scriptResults", scripts.Count);
            json.WriteNumber("scriptBytes", scriptBytes);
        });
        return ExitCode.Done;
    }

    private static ExitCode Prune(Run run, ByteSize? limit, bool all)
    {
        var most = all ? 0 : limit?.Bytes ?? (WorkspaceReader.Read(run.RepositoryPath).Value?.Config ?? new PipelineConfig()).CacheLimitBytes;
        var pruned = new BlobCache(run.CachePath, 0, TimeProvider.System).Prune(most);
        var scripts = all ? [.. ScriptResults(run), .. FoldersOf(run, Downloads)] : new List<string>();
        var scriptBytes = scripts.Sum(SizeOf);
        foreach (var directory in scripts)
            Directory.Delete(directory, recursive: true);
        var count = pruned.RemovedCount + scripts.Count;
        var removed = pruned.Removed.Bytes + scriptBytes;
        run.Results.Write($"{(count == 0 ? "nothing" : $"{count} ({new ByteSize(removed)})")} removed, {pruned.Left} left", "pruned", json =>
        {
            json.WriteNumber("removed", count);
            json.WriteNumber("removedBytes", removed);
            json.WriteNumber("leftBytes", pruned.Left.Bytes);
        });
        return ExitCode.Done;
    }

    private static List<string> ScriptResults(Run run) => FoldersOf(run, "commands");

    private static List<string> FoldersOf(Run run, string folder)
    {
        var directory = Path.Combine(run.CachePath, folder);
        return Directory.Exists(directory) ? [.. Directory.EnumerateDirectories(directory)] : [];
    }

    private static long SizeOf(string directory) =>
        new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Where(f => f.LinkTarget is null).Sum(f => f.Length);
}
