using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Cache;

public sealed class WholeCacheTests : IDisposable
{
    private readonly TempDir _temp = new();
    private readonly ManualClock _clock = new(new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly CacheTrees _trees;
    private readonly WholeCache _cache;

    public WholeCacheTests() => (_trees, _cache) = (new(_temp.Path, _clock), new(_temp.Path, _clock));

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void What_was_used_longest_ago_goes_first_whatever_it_is()
    {
        Tree(CachedTree.ScriptResult, "old", 100);
        Later();
        Blob(50);
        Later();
        Tree(CachedTree.Manifests, "middle", 30);
        Later();
        Tree(CachedTree.Release, "young", 20);
        Later();
        _cache.Describe().Trees.Select(t => (t.Kind, t.Bytes)).ShouldBe([(CachedTree.ScriptResult, 100), (CachedTree.Manifests, 30), (CachedTree.Release, 20)]);
        _cache.Prune(200).ShouldBe(new CachePruning(0, new(0), new(200)));
        _cache.Prune(60).ShouldBe(new CachePruning(2, new(150), new(50)));
        Left().ShouldBe(["downloads/young", "remotes/middle"]);
        _cache.Prune(25).ShouldBe(new CachePruning(1, new(30), new(20)));
        Left().ShouldBe(["downloads/young"]);
    }

    [Fact]
    public void A_use_counts_and_what_was_used_within_the_hour_stays_but_for_those_who_want_all_gone()
    {
        var first = Tree(CachedTree.ScriptResult, "first", 10);
        Later();
        Tree(CachedTree.ScriptDownloads, "second", 10);
        Later();
        _trees.Touch(first);
        _clock.Now += TimeSpan.FromMinutes(59);
        _cache.Prune(0).ShouldBe(new CachePruning(1, new(10), new(10)));
        Left().ShouldBe(["commands/first"]);
        _cache.Clear().ShouldBe(new CachePruning(1, new(10), new(0)));
        Left().ShouldBeEmpty();
    }

    [Fact]
    public void Trees_of_one_kind_are_kept_within_a_limit()
    {
        foreach (var name in new[] { "a", "b", "c" })
        {
            Tree(CachedTree.Manifests, name, 10);
            Later();
        }
        Tree(CachedTree.ScriptResult, "other", 100);
        _trees.Touch(Tree(CachedTree.Manifests, "now", 10));
        _trees.Trim(CachedTree.Manifests, 25);
        Left().ShouldBe(["commands/other", "remotes/c", "remotes/now"]);
        _trees.Trim(CachedTree.Manifests, 1);
        Left().ShouldBe(["commands/other", "remotes/now"], "it is in use");
    }

    [Fact]
    public void What_a_process_that_died_left_half_removed_is_no_tree_and_goes()
    {
        Tree(CachedTree.Manifests, ".gone-1-1", 10);
        _cache.Describe().Trees.ShouldBeEmpty();
        Left().ShouldBeEmpty();
    }

    [Fact]
    public void A_link_leads_nobody_out_of_the_cache()
    {
        var outside = Directory.CreateDirectory(_temp["outside"]).FullName;
        File.WriteAllText(Path.Combine(outside, "mine"), "mine");
        Directory.CreateDirectory(_trees.FolderOf(CachedTree.Manifests));
        Directory.CreateSymbolicLink(Path.Combine(_trees.FolderOf(CachedTree.Manifests), "trap"), outside);
        Directory.CreateSymbolicLink(Path.Combine(Tree(CachedTree.ScriptResult, "inner", 10), "trap"), outside);
        _cache.Clear().Removed.Bytes.ShouldBe(10);
        File.ReadAllText(_temp["outside/mine"]).ShouldBe("mine");
    }

    private string Tree(CachedTree kind, string name, int bytes)
    {
        var path = Directory.CreateDirectory(Path.Combine(_trees.FolderOf(kind), name)).FullName;
        Directory.CreateDirectory(Path.Combine(path, "deep"));
        File.WriteAllBytes(Path.Combine(path, "deep", "file"), new byte[bytes]);
        _trees.Touch(path);
        return path;
    }

    private void Blob(int bytes)
    {
        var content = new byte[bytes];
        new BlobCache(_temp.Path, 0, _clock).StoreDocument(Digest.Sha256(content), content);
    }

    private void Later() => _clock.Now += TimeSpan.FromHours(2);

    private string[] Left() => [.. _cache.Describe().Trees.Select(t => Path.GetRelativePath(_temp.Path, t.Path)).Order(StringComparer.Ordinal)];
}
