using System.Collections.Immutable;

namespace Pipeline.Oci.Cache;

/// <summary>What else lies in the cache than blobs: directories that are made and removed as a whole.</summary>
public enum CachedTree
{
    /// <summary>What a script of a <c>command:</c> source left, by its fingerprint.</summary>
    ScriptResult,

    /// <summary>What scripts keep for their next run, by image.</summary>
    ScriptDownloads,

    /// <summary>Manifests from elsewhere, by the digest of their files.</summary>
    Manifests,

    /// <summary>Releases that were downloaded to flash them.</summary>
    Release,
}

/// <param name="Path">Absolute.</param>
/// <param name="LastUse">The modification time of the directory itself.</param>
public sealed record CacheTree(CachedTree Kind, string Path, long Bytes, DateTimeOffset LastUse);

/// <summary>
/// The directories of the cache. One that was used within the last hour may be in use by another process and stays. One that
/// goes is out of sight at once, so that nobody meets half of it.
/// </summary>
/// <param name="directory">Of the whole cache; absolute.</param>
public sealed class CacheTrees(string directory, TimeProvider time)
{
    private const string GonePrefix = ".gone-";
    private static readonly TimeSpan InUse = TimeSpan.FromHours(1);
    private static readonly EnumerationOptions Inside = new() { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint };
    private static int _goneCount;

    /// <summary>Where trees of a kind lie, each under a name of its own.</summary>
    public string FolderOf(CachedTree kind) => Path.Combine(directory, kind switch
    {
        CachedTree.ScriptResult => "commands",
        CachedTree.ScriptDownloads => "command-downloads",
        CachedTree.Manifests => "remotes",
        _ => "downloads",
    });

    /// <summary>What lies there now, without what is being removed.</summary>
    public ImmutableArray<CacheTree> All() => [.. Enum.GetValues<CachedTree>().SelectMany(k => Of(k))];

    /// <summary>Says that a tree is used now.</summary>
    public void Touch(string path)
    {
        try
        {
            Directory.SetLastWriteTimeUtc(path, time.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A cache that may only be read still serves, and one that another process pruned is missed later.
        }
    }

    /// <summary>Removes the trees of a kind that were used longest ago until no more than <paramref name="limitBytes"/> are left, or all others are in use.</summary>
    public void Trim(CachedTree kind, long limitBytes)
    {
        var trees = Of(kind);
        var left = trees.Sum(t => t.Bytes);
        foreach (var tree in trees.OrderBy(t => t.LastUse).ThenBy(t => t.Path, StringComparer.Ordinal))
        {
            if (left <= limitBytes)
                break;
            if (!IsInUse(tree) && TryRemove(tree))
                left -= tree.Bytes;
        }
    }

    internal bool IsInUse(CacheTree tree) => time.GetUtcNow() - tree.LastUse < InUse;

    internal static bool TryRemove(CacheTree tree)
    {
        var gone = Path.Combine(Path.GetDirectoryName(tree.Path)!, $"{GonePrefix}{Environment.ProcessId}-{Interlocked.Increment(ref _goneCount)}");
        try
        {
            Directory.Move(tree.Path, gone);
            Directory.Delete(gone, recursive: true);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private ImmutableArray<CacheTree> Of(CachedTree kind)
    {
        var folder = new DirectoryInfo(FolderOf(kind));
        if (!folder.Exists)
            return [];
        Sweep(folder);
        var trees = ImmutableArray.CreateBuilder<CacheTree>();
        foreach (var tree in folder.EnumerateDirectories().Where(d => d.LinkTarget is null && !IsGone(d)))
        {
            if (Measure(tree) is { } bytes)
                trees.Add(new(kind, tree.FullName, bytes, tree.LastWriteTimeUtc));
        }
        return trees.ToImmutable();
    }

    /// <summary>Null where it went away meanwhile.</summary>
    private static long? Measure(DirectoryInfo tree)
    {
        try
        {
            return tree.EnumerateFiles("*", Inside).Sum(f => f.Length);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return tree.Exists ? 0 : null;
        }
    }

    /// <summary>What a process that died did not finish removing.</summary>
    private static void Sweep(DirectoryInfo folder)
    {
        foreach (var gone in folder.EnumerateDirectories().Where(IsGone).ToList())
        {
            try
            {
                gone.Delete(recursive: true);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
            }
        }
    }

    private static bool IsGone(DirectoryInfo directory) => directory.Name.StartsWith(GonePrefix, StringComparison.Ordinal);
}
