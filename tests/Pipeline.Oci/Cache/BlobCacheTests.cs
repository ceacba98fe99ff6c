using System.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Cache;

public sealed class BlobCacheTests : IDisposable
{
    private const string ChildVariable = "PIPELINE_TEST_CACHE_CHILD";
    private const int ChildBlobs = 40;
    private readonly TempDir _temp = new();
    private readonly InstantTime _time = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void A_blob_gets_its_name_only_when_it_hashes_to_it()
    {
        var cache = Cache();
        var digest = Digest.Sha256("right"u8);
        using (var writer = cache.Begin(digest, 5))
        {
            writer.Write("wrong"u8);
            Should.Throw<InvalidDataException>(() => writer.Commit());
        }
        using (var writer = cache.Begin(digest, 6))
        {
            writer.Write("right"u8);
            Should.Throw<InvalidDataException>(() => writer.Commit());
        }
        using (cache.Begin(digest, 5))
            cache.Find(digest, 5).ShouldBeNull();
        Directory.GetFiles(_temp["partial"]).ShouldBeEmpty();
        Store(cache, "right").ShouldBe(digest);
        cache.Find(digest, 5).ShouldNotBeNull();
    }

    [Fact]
    public void A_damaged_document_or_a_blob_of_another_length_is_gone_on_sight()
    {
        var cache = Cache();
        var digest = Store(cache, "document");
        cache.ReadDocument(digest, 100).ShouldBe("document"u8.ToArray());
        Damage.FlipBit(cache.PathOf(digest), 0);
        cache.ReadDocument(digest, 100).ShouldBeNull();
        File.Exists(cache.PathOf(digest)).ShouldBeFalse();
        digest = Store(cache, "document");
        cache.Find(digest, 9).ShouldBeNull();
        cache.Find(digest, null).ShouldBeNull();
    }

    [Fact]
    public void The_blob_used_longest_ago_goes_first_and_one_in_use_stays()
    {
        var cache = Cache();
        var digests = new[] { "one", "two", "six", "ten" }.Select(text => Store(cache, text)).ToArray();
        _time.Advance(TimeSpan.FromHours(1));
        cache.Find(digests[0], 3).ShouldNotBeNull();
        using (cache.Pin(digests[1]))
        {
            cache.Prune(6).ShouldBe(new CachePruning(2, new ByteSize(6), new ByteSize(6)));
            digests.Select(d => cache.Find(d, 3) is not null).ShouldBe([true, true, false, false]);
        }
        cache.Prune(0).RemovedCount.ShouldBe(2);
        cache.Describe().BlobCount.ShouldBe(0);
    }

    [Fact]
    public void The_limit_holds_while_blobs_come_in()
    {
        var cache = new BlobCache(_temp.Path, 20, _time);
        for (var i = 0; i < 10; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(5));
            Store(cache, $"blob {i:D5}");
        }
        cache.Describe().Size.Bytes.ShouldBe(20);
        cache.Find(Digest.Sha256("blob 00009"u8), null).ShouldNotBeNull();
    }

    [Fact]
    public void What_a_crash_left_is_swept_and_what_another_writes_is_not()
    {
        Directory.CreateDirectory(_temp["partial"]);
        File.WriteAllText(_temp["partial/dead.1.1"], "x");
        File.SetLastWriteTimeUtc(_temp["partial/dead.1.1"], _time.GetUtcNow().UtcDateTime.AddHours(-2));
        using var living = new FileStream(_temp["partial/living.1.1"], FileMode.CreateNew, FileAccess.Write, FileShare.None);
        File.SetLastWriteTimeUtc(living.Name, _time.GetUtcNow().UtcDateTime.AddHours(-2));
        Store(Cache(), "something");
        Directory.GetFiles(_temp["partial"]).ShouldHaveSingleItem().ShouldEndWith("living.1.1");
    }

    [Fact]
    public void A_memo_remembers_and_doubts_damage()
    {
        var memo = new Memo(_temp.Path);
        memo.Recall("q").ShouldBeNull();
        memo.Remember("q", "answer");
        memo.Recall("q").ShouldBe("answer");
        File.WriteAllText(Directory.GetFiles(_temp["memo"])[0], "q\nans");
        memo.Recall("q").ShouldBeNull();
    }

    [Fact]
    public void Several_processes_share_one_cache()
    {
        var children = Enumerable.Range(0, 3).Select(_ => StartChild()).ToList();
        foreach (var child in children)
        {
            var output = child.StandardOutput.ReadToEnd();
            child.WaitForExit();
            child.ExitCode.ShouldBe(0, output);
            child.Dispose();
        }
        var made = File.ReadAllLines(_temp["made"]);
        made.Length.ShouldBe(ChildBlobs, "each blob was made by one process only");
        made.Distinct().Count().ShouldBe(ChildBlobs);
        Directory.GetFiles(_temp["partial"]).ShouldBeEmpty();
        Cache().Describe().BlobCount.ShouldBe(ChildBlobs);
    }

    /// <summary>What each child process of the test above does; alone it does nothing.</summary>
    [Fact]
    public async Task Child()
    {
        if (Environment.GetEnvironmentVariable(ChildVariable) is not { } directory)
            return;
        var ct = TestContext.Current.CancellationToken;
        var cache = new BlobCache(directory, 0, TimeProvider.System);
        for (var i = 0; i < ChildBlobs; i++)
        {
            var bytes = new byte[10_000 + i];
            var digest = Digest.Sha256(bytes);
            using var held = await cache.LockAsync(digest, ct);
            held.ShouldNotBeNull();
            if (cache.ReadDocument(digest, 1 << 20) is not null)
                continue;
            using var writer = cache.Begin(digest, bytes.Length);
            await Task.Delay(5, ct);
            writer.Write(bytes);
            writer.Commit();
            using var list = new FileStream(Path.Combine(directory, "made"), FileMode.Append, FileAccess.Write, FileShare.ReadWrite);
            list.Write(System.Text.Encoding.ASCII.GetBytes(digest.Text + "\n"));
        }
    }

    private Process StartChild()
    {
        var start = new ProcessStartInfo("dotnet", [typeof(BlobCacheTests).Assembly.Location, "-method", $"{typeof(BlobCacheTests).FullName}.{nameof(Child)}"])
        {
            RedirectStandardOutput = true,
        };
        start.Environment[ChildVariable] = _temp.Path;
        return Process.Start(start)!;
    }

    private BlobCache Cache() => new(_temp.Path, 0, _time);

    private Digest Store(BlobCache cache, string text)
    {
        using var writer = cache.Begin(null, text.Length);
        writer.Write(System.Text.Encoding.ASCII.GetBytes(text));
        _time.Advance(TimeSpan.FromSeconds(1));
        return writer.Commit();
    }
}
