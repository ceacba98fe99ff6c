using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Verifying;
using Pipeline.Oci.Cache;

namespace Pipeline.Cli.Verbs;

/// <summary>What is to be flashed, on this machine.</summary>
/// <param name="StorePath">Of releases in a directory; need not exist.</param>
internal sealed record LocalImage(string What, string StorePath);

/// <summary>Brings a release that lies on GitHub or in a registry into the cache, verified; all else stays where it is.</summary>
internal static class FlashSource
{
    public static async Task<Result<LocalImage>> BringAsync(Run run, string what, string? board, CancellationToken ct)
    {
        // A file is written whatever the repository says.
        if (File.Exists(what))
            return new LocalImage(what, "");
        if (WorkspaceReader.Read(run.RepositoryPath).Value is not { } workspace)
            return new LocalImage(what, Path.GetFullPath(new PipelineConfig().ReleaseDirectory, run.RepositoryPath));
        await using var parts = Composition.ForLooking(run, workspace);
        if (parts.StorePath is { } store)
            return new LocalImage(what, store);
        if (Directory.Exists(what))
            return new LocalImage(what, "");
        var key = await VerifyKey.FindAsync(null, parts.Workspace.Config.Signing, ct);
        if (!key.IsOk)
            return Result<LocalImage>.Failed(key.Diagnostics);
        try
        {
            var found = await new ReleaseFinder(parts.Reader, parts.ReleasesPlace).FindAsync(what, ct);
            if (!found.IsOk)
                return Result<LocalImage>.Failed(found.Diagnostics);
            var cache = new CacheTrees(run.CachePath, TimeProvider.System);
            var brought = await new ReleaseDownload(cache.FolderOf(CachedTree.Release), run.Teller).FetchAsync(found.Value!, board, key.Value, ct);
            if (brought.Value is { } kept)
                cache.Touch(Path.GetDirectoryName(kept)!);
            return new(brought.Value is { } directory ? new LocalImage(directory, "") : null, brought.Diagnostics);
        }
        catch (ReleaseRefusedException e)
        {
            return Result<LocalImage>.Failed(e.Diagnostic);
        }
    }
}
