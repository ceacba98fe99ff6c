using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Cache;

namespace Pipeline.Engine.Opening.Remotes;

/// <summary>
/// Fetched trees in the cache, each under the digest of its files: what is pinned once needs no network again. Above a limit those
/// used longest ago go.
/// </summary>
/// <param name="cache">On the file system of the scratch space.</param>
public sealed class RemoteStore(CacheTrees cache)
{
    /// <summary>One tree may be as large as this; see <see cref="Git.RemoteLimits"/>.</summary>
    internal const long LimitBytes = 1L << 30;

    /// <summary>Null where it is not there, or no longer what its name says; then it is taken away.</summary>
    public async Task<string?> FindAsync(Digest content, CancellationToken ct)
    {
        var path = PathOf(content);
        if (!Directory.Exists(path))
            return null;
        if (await TreeDigest.ComputeAsync(path, ct) == content)
        {
            cache.Touch(path);
            return path;
        }
        Directory.Delete(path, recursive: true);
        return null;
    }

    /// <summary>Takes a tree in by rename.</summary>
    /// <param name="expected">What the lock file says; null where it says nothing yet.</param>
    /// <returns>Where it lies now, and its digest.</returns>
    public async Task<Result<(string Path, Digest Content)>> KeepAsync(string name, string resolved, (string Path, Digest? Expected) tree, CancellationToken ct)
    {
        var content = await TreeDigest.ComputeAsync(tree.Path, ct);
        if (tree.Expected is { } expected && expected != content)
            return Result<(string, Digest)>.Failed(Diagnostic.Create(OpeningRules.ContentChanged, null, name, resolved));
        var path = PathOf(content);
        Directory.CreateDirectory(cache.FolderOf(CachedTree.Manifests));
        if (!Directory.Exists(path))
        {
            try
            {
                Directory.Move(tree.Path, path);
            }
            catch (IOException) when (Directory.Exists(path))
            {
                // Another run was faster, with the same.
            }
        }
        cache.Touch(path);
        cache.Trim(CachedTree.Manifests, LimitBytes);
        return (path, content);
    }

    private string PathOf(Digest content) => Path.Combine(cache.FolderOf(CachedTree.Manifests), content.Hex);
}
