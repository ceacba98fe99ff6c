using Pipeline.Kit;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Sources;

/// <summary>Two real registries, one of sources and one that is a cache, each behind a door that counts and misbehaves.</summary>
public sealed class SharedCacheTests : IAsyncLifetime
{
    private readonly TempDir _temp = new();
    private readonly RecordingReporter _reporter = new();
    private readonly byte[] _noise = new byte[3 << 20];
    private DockerRegistry _sourceRegistry = null!;
    private DockerRegistry _cacheRegistry = null!;
    private RegistryProxy _source = null!;
    private RegistryProxy _cache = null!;
    private int _homes;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string[] Warnings => [.. _reporter.Diagnostics.Select(d => d.Rule.Code)];

    public async ValueTask InitializeAsync()
    {
        _sourceRegistry = await DockerRegistry.StartAsync(Ct);
        _cacheRegistry = await DockerRegistry.StartAsync(Ct);
        (_source, _cache) = (RegistryProxy.Start(_sourceRegistry), RegistryProxy.Start(_cacheRegistry));
        new Random(7).NextBytes(_noise);
        var layout = new OciLayoutWriter(_temp["layout"]);
        var image = layout.AddImage("linux/amd64", [layout.AddLayer(_noise, Packing.None), layout.AddLayer([1, 2, 3], Packing.None)]);
        await _sourceRegistry.PushAsync(layout, layout.AddIndex([("linux/amd64", image)], hasAttestations: false), "team/system", "1", Ct);
    }

    public async ValueTask DisposeAsync()
    {
        await _source.DisposeAsync();
        await _cache.DisposeAsync();
        _sourceRegistry.Dispose();
        _cacheRegistry.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task The_second_home_asks_the_source_only_after_its_tag()
    {
        await PullAsync();
        _source.Take().Count(IsBlob).ShouldBe(3, "a configuration and two layers");
        await PullAsync();
        _source.Take().ShouldAllBe(r => r == "HEAD /v2/team/system/manifests/1");
        Warnings.ShouldBeEmpty();
        _reporter.Lines.ShouldContain(l => l.Contains("0 taken", StringComparison.Ordinal) && l.Contains("5 given", StringComparison.Ordinal));
        _reporter.Lines.ShouldContain(l => l.Contains("5 taken", StringComparison.Ordinal) && l.Contains("0 given", StringComparison.Ordinal));
    }

    /// <summary>What nothing names, registries throw away: here, when their owner says so.</summary>
    [Fact]
    public async Task What_was_given_survives_the_registry_s_own_cleaning()
    {
        await PullAsync();
        _cacheRegistry.CollectGarbage();
        await _cacheRegistry.RestartAsync(Ct);
        _source.Take();
        await PullAsync();
        _source.Take().ShouldAllBe(r => r.StartsWith("HEAD", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Other_bytes_are_noticed_said_and_fetched_from_the_source()
    {
        await PullAsync();
        _source.Take();
        _cache.Damage = request => request.StartsWith("GET", StringComparison.Ordinal) && IsBlob(request);
        await PullAsync();
        _source.Take().Count(IsBlob).ShouldBe(3);
        Warnings.ShouldContain("PL2087");
        Warnings.ShouldNotContain("PL2086");
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("down")]
    [InlineData("forbidden")]
    [InlineData("hangs")]
    public async Task A_cache_that_fails_fails_nobody_and_is_said_once(string how)
    {
        if (how == "gone")
            _cacheRegistry.Stop();
        _cache.Refuse = _ => how switch { "down" => 500, "forbidden" => 403, _ => null };
        if (how == "hangs")
            _cache.Before = (_, ct) => Task.Delay(Timeout.Infinite, ct);
        await PullAsync();
        Warnings.ShouldBe(["PL2086"]);
        _source.Take().Count(IsBlob).ShouldBe(3);
    }

    [Fact]
    public async Task Who_may_only_read_takes_and_does_not_give()
    {
        _cache.Refuse = request => request.StartsWith("POST", StringComparison.Ordinal) ? 403 : null;
        await PullAsync();
        Warnings.ShouldBeEmpty();
        _reporter.Lines.ShouldContain(l => l.Contains("takes nothing from here", StringComparison.Ordinal));
        _cache.Refuse = _ => null;
        await PullAsync();
        _cache.Refuse = request => request.StartsWith("POST", StringComparison.Ordinal) ? 403 : null;
        _source.Take();
        await PullAsync();
        _source.Take().ShouldAllBe(r => r.StartsWith("HEAD", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Offline_nobody_is_asked()
    {
        await using var sources = new ImageSources(new() { CacheDirectory = _temp["offline"], SharedCache = $"{_cache.Host}/shared", Offline = true, Reporter = _reporter });
        (await sources.Open($"{_source.Host}/team/system:1", "/", null).Value!.LookAsync(Ct)).IsOk.ShouldBeFalse();
        _cache.Take().ShouldBeEmpty();
    }

    private static bool IsBlob(string request) => request.Contains("/blobs/sha256:", StringComparison.Ordinal);

    /// <summary>Reads everything of the image, as a machine that has nothing yet.</summary>
    private async Task PullAsync()
    {
        await using var sources = new ImageSources(new() { CacheDirectory = _temp[$"home{_homes++}"], SharedCache = $"{_cache.Host}/shared/cache", SharedCachePatience = TimeSpan.FromSeconds(2), Reporter = _reporter });
        await using var source = sources.Open($"{_source.Host}/team/system:1", "/", null).Value!;
        var image = (await source.SelectAsync(Platform.Of("linux", "amd64", null), Ct)).Value.ShouldNotBeNull();
        foreach (var (layer, length) in image.Layers.Zip([_noise.Length, 3]))
        {
            await using var stream = await source.OpenUnverifiedAsync(layer, Ct);
            using var bytes = new MemoryStream();
            await stream.CopyToAsync(bytes, Ct);
            bytes.Length.ShouldBe(length);
        }
    }
}
