using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Kit;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Layers;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Registry;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Sources;

/// <summary>What the real registry never does on command: a fake one misbehaves.</summary>
public sealed class RegistrySourceTests : IAsyncLifetime
{
    private const string Secret = "s3cret-Pa55";
    private static readonly Platform Amd64 = Platform.Of("linux", "amd64", null);
    private readonly TempDir _temp = new();
    private readonly RecordingReporter _reporter = new();
    private readonly InstantTime _time = new();
    private OciLayoutWriter _layout = null!;
    private FakeRegistry _registry = null!;
    private Descriptor _index = null!;
    private Descriptor _layer = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Text => $"{_registry.Host}/team/system:1";

    public ValueTask InitializeAsync()
    {
        _layout = new OciLayoutWriter(_temp["layout"]);
        var noise = new byte[5 << 20];
        new Random(7).NextBytes(noise);
        var layer = _layout.AddLayer(noise, Packing.None);
        _layer = layer.Descriptor;
        _index = _layout.AddIndex([("linux/amd64", _layout.AddImage("linux/amd64", [layer]))], hasAttestations: true);
        _registry = new FakeRegistry(_layout);
        _registry.Tags["1"] = _index;
        return ValueTask.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        string.Join('\n', _reporter.Lines).ShouldNotContain(Secret);
        await _registry.DisposeAsync();
        _temp.Dispose();
    }

    [Theory]
    [InlineData(FakeSignIn.None, false)]
    [InlineData(FakeSignIn.Basic, false)]
    [InlineData(FakeSignIn.Bearer, false)]
    [InlineData(FakeSignIn.Bearer, true)]
    public async Task Each_way_of_signing_in_works_and_one_token_serves_all(FakeSignIn way, bool hasIdentity)
    {
        (_registry.SignIn, _registry.User, _registry.Password) = (way, "me", Secret);
        _registry.IdentityToken = hasIdentity ? "identity" : null;
        await using var sources = Sources(WriteAuth(Secret, hasIdentity ? "identity" : null));
        await PullAsync(sources);
        _registry.Requests.Count(r => r.Path == "/token").ShouldBe(way == FakeSignIn.Bearer ? 1 : 0);
    }

    [Fact]
    public async Task Anonymous_callers_get_a_token_where_the_registry_gives_one()
    {
        _registry.SignIn = FakeSignIn.Bearer;
        await using var sources = Sources();
        await PullAsync(sources);
    }

    [Theory]
    [InlineData(FakeSignIn.Basic, false, "PL2060")]
    [InlineData(FakeSignIn.Bearer, false, "PL2060")]
    [InlineData(FakeSignIn.Basic, true, "PL2061")]
    [InlineData(FakeSignIn.Bearer, true, "PL2061")]
    public async Task A_refused_sign_in_says_what_to_do(FakeSignIn way, bool hasCredential, string code)
    {
        (_registry.SignIn, _registry.User, _registry.Password) = (way, "me", "another");
        await using var sources = Sources(hasCredential ? WriteAuth(Secret, null) : null);
        var diagnostic = (await Open(sources).LookAsync(Ct)).Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.Code.ShouldBe(code);
        diagnostic.Span.ShouldBe(new SourceSpan("image.yaml", 2, 9));
        diagnostic.Message.ShouldNotContain(Secret);
        _registry.Requests.Count.ShouldBeLessThan(5);
    }

    [Fact]
    public async Task A_token_of_too_small_a_scope_is_renewed_once()
    {
        _registry.SignIn = FakeSignIn.Bearer;
        _registry.Misbehave = r => r.Path.Contains("/manifests/") && r["authorization"] == "Bearer token-1"
            ? FakeResponse.Empty(401, ("WWW-Authenticate", _registry.Challenge("repository:team/system:pull,more") + ",error=\"insufficient_scope\"")) : null;
        await using var sources = Sources();
        (await Open(sources).LookAsync(Ct)).Value.ShouldBe(_index.Digest);
        _registry.Requests.Count(r => r.Path == "/token").ShouldBe(2);
    }

    [Theory]
    [InlineData(429, "7", 7)]
    [InlineData(429, "Thu, 01 Jan 2026 12:00:30 GMT", 30)]
    [InlineData(503, null, 1)]
    [InlineData(500, null, 1)]
    public async Task What_passes_is_waited_for(int status, string? retryAfter, int seconds)
    {
        var failures = 1;
        _registry.Misbehave = _ => Interlocked.Decrement(ref failures) < 0 ? null
            : FakeResponse.Empty(status, retryAfter is null ? [] : [("Retry-After", retryAfter)]);
        await using var sources = Sources();
        (await Open(sources).LookAsync(Ct)).Value.ShouldBe(_index.Digest);
        _time.Waits.ShouldHaveSingleItem().TotalSeconds.ShouldBeInRange(seconds - 0.5, (seconds * 1.1) + 0.5);
    }

    [Fact]
    public async Task A_rate_limit_of_hours_is_told_at_once_with_its_end()
    {
        _registry.Misbehave = _ => FakeResponse.Empty(429, ("Retry-After", "7200"), ("ratelimit-limit", "100;w=21600"));
        await using var sources = Sources();
        var thrown = await Should.ThrowAsync<HttpRequestException>(() => Open(sources).LookAsync(Ct));
        thrown.Message.ShouldContain("rate limit for us (100 requests); it asks to wait until 2026-01-01 14:00:00 UTC");
        _time.Waits.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_registry_that_stays_down_is_given_up()
    {
        _registry.Misbehave = _ => FakeResponse.Empty(502);
        await using var sources = Sources();
        await Should.ThrowAsync<HttpRequestException>(() => Open(sources).LookAsync(Ct));
        _time.Waits.Count.ShouldBe(4);
        await using var nobody = sources.Open("127.0.0.1:1/x:1", "/", null).Value!;
        (await Should.ThrowAsync<HttpRequestException>(() => nobody.LookAsync(Ct))).Message.ShouldContain("127.0.0.1:1 cannot be reached: no connection");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_broken_blob_goes_on_where_it_broke(bool knowsRanges)
    {
        var cuts = 3;
        _registry.Misbehave = r =>
        {
            if (!IsLayer(r))
                return null;
            var from = knowsRanges && r["range"] is { } range ? int.Parse(range["bytes=".Length..^1]) : 0;
            var bytes = File.ReadAllBytes(_layout.BlobPath(_layer.Digest));
            var left = bytes[from..];
            var response = from > 0 ? new FakeResponse(206, left, ("Content-Range", $"bytes {from}-{bytes.Length - 1}/{bytes.Length}")) : new FakeResponse(200, left);
            return Interlocked.Decrement(ref cuts) >= 0 ? response with { CutAfter = knowsRanges ? 1_200_000 : 1_200_000 * (3 - cuts) } : response;
        };
        await using var sources = Sources();
        await PullAsync(sources);
        _registry.Requests.Count(IsLayer).ShouldBe(4);
    }

    [Fact]
    public async Task A_blob_that_always_breaks_is_given_up()
    {
        _registry.Misbehave = r => IsLayer(r) ? new FakeResponse(200, new byte[_layer.SizeBytes]) { CutAfter = 1000 } : null;
        await using var sources = Sources();
        (await Should.ThrowAsync<HttpRequestException>(() => PullAsync(sources))).Message.ShouldContain("again and again");
        _registry.Requests.Count(IsLayer).ShouldBeLessThan(10);
        NoPartials();
    }

    [Theory]
    [InlineData(3, true)]
    [InlineData(40, false)]
    public async Task A_registry_that_goes_away_while_a_blob_is_read_is_waited_for_and_not_for_ever(int refusals, bool comesBack)
    {
        var (cut, refused) = (1, refusals);
        _registry.Misbehave = r => !IsLayer(r) ? null
            : Interlocked.Decrement(ref cut) >= 0 ? new FakeResponse(200, File.ReadAllBytes(_layout.BlobPath(_layer.Digest))) { CutAfter = 2_000_000 }
            : Interlocked.Decrement(ref refused) >= 0 ? FakeResponse.Gone : null;
        await using var sources = Sources();
        if (comesBack)
            await PullAsync(sources);
        else
            (await Should.ThrowAsync<HttpRequestException>(() => PullAsync(sources))).Message.ShouldContain("at byte 2000000 of 5242880 again and again");
        _registry.Requests.Count(IsLayer).ShouldBe(comesBack ? 5 : 13, "after the break three tries for each of four starts");
        _reporter.Lines.ShouldContain(a => a.StartsWith($"the blob {_layer.Digest.Short}… broke off at byte 2000000 of 5242880; trying again in ", StringComparison.Ordinal));
        NoPartials();
    }

    [Theory]
    [InlineData("HEAD", "/manifests/1")]
    [InlineData("GET", "/manifests/")]
    [InlineData("GET", "/blobs/")]
    public async Task A_connection_that_is_cut_before_any_answer_is_made_anew(string method, string path)
    {
        var cut = 1;
        _registry.Misbehave = r => r.Method == method && r.Path.Contains(path) && Interlocked.Decrement(ref cut) >= 0 ? FakeResponse.Gone : null;
        await using var sources = Sources();
        await PullAsync(sources);
        _time.Waits.Count(w => w > TimeSpan.FromMilliseconds(500)).ShouldBe(1);
        _reporter.Lines.ShouldContain(a => a.StartsWith($"{_registry.Host} closed the connection; trying again in ", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("/manifests/sha256", 2)]
    [InlineData("/blobs/", 2)]
    [InlineData("/token", 2)]
    public async Task An_answer_that_breaks_off_is_asked_for_again(string path, int requests)
    {
        var cut = 1;
        (_registry.SignIn, _registry.User, _registry.Password) = (FakeSignIn.Bearer, "me", Secret);
        _registry.Misbehave = r => r.Path.Contains(path) && !IsLayer(r) && (path == "/token" || r["authorization"] is not null) && Interlocked.Decrement(ref cut) >= 0
            ? new FakeResponse(200, path == "/blobs/" ? File.ReadAllBytes(_layout.BlobPath(Digest.Parse(r.Path.Split('/')[^1]))) : new byte[300]) { CutAfter = 100 } : null;
        await using var sources = Sources(WriteAuth(Secret, null));
        await PullAsync(sources);
        _registry.Requests.Where(r => r.Path.Contains(path) && !IsLayer(r)).GroupBy(r => r.Path).Max(g => g.Count()).ShouldBe(requests);
    }

    [Fact]
    public async Task A_broken_connection_is_given_up_after_a_few_tries()
    {
        _registry.Misbehave = r => r.Method == "GET" && r.Path.Contains("/manifests/") ? new FakeResponse(200, new byte[300]) { CutAfter = 100 } : null;
        await using var sources = Sources();
        (await Should.ThrowAsync<HttpRequestException>(() => PullAsync(sources))).Message.ShouldBe("the connection broke within an answer");
        _registry.Count("GET", "/manifests/").ShouldBe(3);
    }

    [Fact]
    public async Task Wrong_bytes_never_get_a_name()
    {
        _registry.Misbehave = r => IsLayer(r) ? new FakeResponse(200, new byte[_layer.SizeBytes]) : null;
        await using var sources = Sources();
        (await Should.ThrowAsync<InvalidDataException>(() => PullAsync(sources))).Message.ShouldContain(_layer.Digest.Text);
        Open(sources).FindLocal(_layer).ShouldBeNull();
        NoPartials();
        _registry.Misbehave = r => r.Method == "GET" && r.Path.Contains("/manifests/") ? new FakeResponse(200, "{}"u8.ToArray(), ("Docker-Content-Digest", _index.Digest.Text)) : null;
        File.Delete(sources.Cache.PathOf(_index.Digest));
        (await Open(sources).SelectAsync(Amd64, Ct)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(DocumentRules.DigestMismatch);
    }

    [Fact]
    public async Task A_redirect_to_another_host_carries_no_credentials()
    {
        await using var content = new FakeRegistry(_layout);
        (_registry.SignIn, _registry.User, _registry.Password) = (FakeSignIn.Basic, "me", Secret);
        _registry.Misbehave = r => r["authorization"] is not null && IsLayer(r)
            ? FakeResponse.Empty(307, ("Location", $"http://{content.Host}{r.Path}?sig={Secret}")) : null;
        await using var sources = Sources(WriteAuth(Secret, null));
        await PullAsync(sources);
        content.Requests.ShouldHaveSingleItem()["authorization"].ShouldBeNull();
    }

    [Fact]
    public async Task A_circle_of_redirects_ends()
    {
        _registry.Misbehave = r => FakeResponse.Empty(302, ("Location", r.Path));
        await using var sources = Sources();
        (await Open(sources).LookAsync(Ct)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(RegistryRules.TooManyRedirects);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Mirrors_serve_digests_and_the_registry_serves_tags(bool isDown)
    {
        await using var mirror = new FakeRegistry(_layout);
        mirror.Misbehave = _ => isDown ? FakeResponse.Empty(404) : null;
        await using var sources = Sources(null, (_registry.Host, new([$"{mirror.Host}/copy"])));
        await PullAsync(sources);
        mirror.Count("HEAD", "").ShouldBe(0);
        mirror.Requests.ShouldAllBe(r => r.Path.StartsWith("/v2/copy/team/system/"));
        _registry.Count("GET", "").ShouldBe(isDown ? 4 : 0);
    }

    [Fact]
    public async Task Without_the_digest_header_the_document_is_hashed()
    {
        _registry.Misbehave = r => r.Path.EndsWith("/manifests/1")
            ? new FakeResponse(200, File.ReadAllBytes(_layout.BlobPath(_index.Digest)), ("Content-Type", MediaTypes.OciIndex)) : null;
        await using var sources = Sources();
        await PullAsync(sources);
    }

    [Fact]
    public async Task Schema_1_is_refused_by_name()
    {
        _registry.Misbehave = _ => new FakeResponse(200, "{}"u8.ToArray(), ("Content-Type", "application/vnd.docker.distribution.manifest.v1+prettyjws"));
        await using var sources = Sources();
        (await Open(sources).LookAsync(Ct)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(DocumentRules.Schema1);
    }

    [Fact]
    public async Task A_web_page_in_its_place_is_named()
    {
        _registry.Misbehave = _ => new FakeResponse(200, "<!doctype html>"u8.ToArray(), ("Content-Type", "text/html; charset=utf-8"));
        await using var sources = Sources();
        (await Open(sources).LookAsync(Ct)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(RegistryRules.WebPage);
    }

    [Fact]
    public async Task Offline_the_cache_answers_or_says_that_it_cannot()
    {
        await using (var empty = Sources(isOffline: true))
            (await Open(empty).LookAsync(Ct)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(RegistryRules.Offline);
        await using (var online = Sources())
            await PullAsync(online);
        var before = _registry.Requests.Count;
        await using var offline = Sources(isOffline: true);
        await PullAsync(offline);
        _registry.Requests.Count.ShouldBe(before);
    }

    [Fact]
    public async Task A_warning_of_the_registry_is_shown_once()
    {
        _registry.Misbehave = r => r.Method != "HEAD" ? null
            : FakeResponse.Empty(200, ("Docker-Content-Digest", _index.Digest.Text), ("Content-Type", MediaTypes.OciIndex), ("Warning", "299 - \"this image retires\""));
        await using var sources = Sources();
        await Open(sources).LookAsync(Ct);
        await Open(sources).LookAsync(Ct);
        _reporter.Lines.ShouldHaveSingleItem().ShouldContain("says: this image retires");
    }

    [Fact]
    public async Task A_damaged_cache_is_fetched_anew()
    {
        await using var sources = Sources();
        await PullAsync(sources);
        Damage.FlipBit(sources.Cache.PathOf(_index.Digest), 10);
        Damage.FlipBit(sources.Cache.PathOf(_layer.Digest), 10);
        var source = Open(sources);
        source.Reject(_layer);
        await PullAsync(sources);
        _registry.Requests.Count(IsLayer).ShouldBe(2);
        _registry.Count("GET", "/manifests/" + _index.Digest).ShouldBe(2);
    }

    [Fact]
    public async Task Many_readers_at_once_fetch_a_blob_once()
    {
        await using var one = Sources();
        await using var two = Sources();
        await Task.WhenAll(Enumerable.Range(0, 8).Select(i => Task.Run(() => PullAsync(i % 2 == 0 ? one : two), Ct)));
        _registry.Requests.Count(IsLayer).ShouldBe(1);
        NoPartials();
    }

    /// <summary>Looking a blob up marks it as used, which must not pass for a change of it: other builds read it at the same time.</summary>
    [Fact]
    public async Task A_layer_may_be_looked_up_while_another_build_reads_it()
    {
        var noise = new byte[3 << 20];
        new Random(8).NextBytes(noise);
        var layer = _layout.AddLayer(new TarBuilder().Add(new TarItem("noise") { Content = noise }).ToArray());
        _registry.Tags["1"] = _layout.AddImage("linux/amd64", [layer]);
        await using var sources = Sources();
        await using var other = Sources();
        for (var round = 0; round < 2; round++)
        {
            await using var source = Open(sources);
            var image = (await source.SelectAsync(Amd64, Ct)).Value!;
            var busy = new BusyReporter(() =>
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                other.Cache.Find(layer.Descriptor.Digest, null);
            });
            var unpacked = await ImageUnpacker.UnpackAsync(source, image, new() { ScratchDirectory = _temp["scratch"], Reporter = busy }, Ct);
            unpacked.Diagnostics.ShouldBeEmpty();
            unpacked.Value!.Dispose();
        }
    }

    [Fact]
    public async Task Inspect_sees_all_that_is_offered()
    {
        await using var sources = Sources();
        var description = (await ImageDescription.ReadAsync(Open(sources), Ct)).Value!;
        description.Digest.ShouldBe(_index.Digest);
        description.Images.ShouldHaveSingleItem().Platform.ShouldBe(Amd64);
        description.Images[0].Layers.ShouldHaveSingleItem().SizeBytes.ShouldBe(5 << 20);
    }

    /// <summary>Does something whenever a reading moves on.</summary>
    private sealed class BusyReporter(Action act) : IReporter, IActivity
    {
        public void Diagnose(Diagnostic diagnostic)
        {
        }

        public void Announce(string line)
        {
        }

        public IActivity Begin(string label, long? totalBytes) => this;

        public void Advance(long bytes) => act();

        public void Dispose()
        {
        }
    }

    private bool IsLayer(FakeRequest request) => request.Path.EndsWith(_layer.Digest.Text, StringComparison.Ordinal);

    private void NoPartials() => (Directory.Exists(_temp["cache/partial"]) ? Directory.GetFiles(_temp["cache/partial"]) : []).ShouldBeEmpty();

    private async Task PullAsync(ImageSources sources)
    {
        await using var source = Open(sources);
        (await source.LookAsync(Ct)).Diagnostics.ShouldBeEmpty();
        var image = await source.SelectAsync(Amd64, Ct);
        image.Diagnostics.ShouldBeEmpty();
        await using var stream = await source.OpenUnverifiedAsync(image.Value!.Layers[0], Ct);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Ct);
        bytes.ToArray().AsSpan().SequenceEqual(File.ReadAllBytes(_layout.BlobPath(_layer.Digest))).ShouldBeTrue();
    }

    private string WriteAuth(string password, string? identityToken)
    {
        var auth = Convert.ToBase64String(Encoding.UTF8.GetBytes("me:" + password));
        var identity = identityToken is null ? "" : $",\"identitytoken\":\"{identityToken}\"";
        File.WriteAllText(_temp["auth.json"], $"{{\"auths\":{{\"{_registry.Host}\":{{\"auth\":\"{auth}\"{identity}}}}}}}");
        return _temp["auth.json"];
    }

    private ImageSources Sources(string? authFile = null, params (string Key, RegistryAccess Access)[] registries) => Sources(false, authFile, registries);

    private ImageSources Sources(bool isOffline, string? authFile = null, params (string Key, RegistryAccess Access)[] registries) => new(new SourceOptions
    {
        CacheDirectory = _temp["cache"],
        AuthFile = authFile,
        Environment = _ => null,
        Offline = isOffline,
        Reporter = _reporter,
        Time = _time,
        Registries = registries.ToImmutableDictionary(r => r.Key, r => r.Access),
    });

    private IImageSource Open(ImageSources sources) => sources.Open(Text, "/", new SourceSpan("image.yaml", 2, 9)).Value!;
}
