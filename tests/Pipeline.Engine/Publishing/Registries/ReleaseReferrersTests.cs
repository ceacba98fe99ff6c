using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.EndToEnd;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Pipeline.Oci.Sources;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Registries;

/// <summary>Docker's own registry keeps no list of referrers, so a tag is one; a registry that keeps one is played.</summary>
public sealed class ReleaseReferrersTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>, IAsyncDisposable
{
    private static readonly string[] Documents = ["inputs.json", "kiosk.intoto.jsonl", "kiosk-pc.spdx.json", "kiosk-pc.cdx.json", "SHA256SUMS", "SHA256SUMS.sig", "SHA256SUMS.sigstore.json"];
    private readonly TempDir _temp = new();
    private readonly ManualClock _clock = new(new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero));
    private readonly string _path = $"referrers-{Guid.NewGuid():n}";
    private ImageSources? _sources;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        if (_sources is not null)
            await _sources.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task What_proves_a_release_refers_to_it_and_any_tool_can_read_it()
    {
        var host = Open(fixture.Registry.Host);
        await ReleaseAsync(host, "one");
        var place = $"docker://{fixture.Registry.Host}/{_path}/kiosk";
        var subject = Digest.Sha256(Encoding.UTF8.GetBytes(Raw($"{place}:20261121.0")));
        using var index = JsonDocument.Parse(Raw($"{place}:sha256-{subject.Hex}"));
        var entries = index.RootElement.GetProperty("manifests").EnumerateArray().ToList();
        entries.Select(e => e.GetProperty("artifactType").GetString()).ShouldBe(
            ["application/vnd.pipeline.signature.v1", "application/vnd.cyclonedx+json", "application/spdx+json", "application/vnd.in-toto.bundle"]);
        foreach (var (number, entry) in entries.Index())
        {
            var name = entry.GetProperty("annotations").GetProperty("org.opencontainers.image.title").GetString()!;
            var digest = entry.GetProperty("digest").GetString();
            using var referrer = JsonDocument.Parse(Raw($"{place}@{digest}"));
            referrer.RootElement.GetProperty("subject").GetProperty("digest").GetString().ShouldBe(subject.Text, name);
            Tool.Require("skopeo", "copy", "-q", "--src-tls-verify=false", $"{place}@{digest}", $"dir:{_temp[$"copy{number}"]}");
            (await System.IO.File.ReadAllTextAsync(_temp[$"copy{number}/{Digest.Sha256(Encoding.UTF8.GetBytes("one " + name)).Hex}"], Ct)).ShouldBe("one " + name);
        }
    }

    [Fact]
    public async Task A_second_try_lists_nothing_twice_and_keeps_what_others_attached()
    {
        var host = Open(fixture.Registry.Host);
        await ReleaseAsync(host, "one");
        var repository = _sources!.OpenArtifacts($"{fixture.Registry.Host}/{_path}/kiosk").Value!;
        var subject = (await repository.HeadAsync("20261121.0", Ct))!;
        var tag = $"sha256-{subject.Hex}";
        var foreign = Encoding.UTF8.GetString((await repository.FindManifestAsync(tag, Ct))!).Replace("application/spdx+json", "application/x-other", StringComparison.Ordinal);
        await repository.PutManifestAsync(tag, Encoding.UTF8.GetBytes(foreign.Replace("\"size\"", "\"x-mark\":1,\"size\"", StringComparison.Ordinal)), "application/vnd.oci.image.index.v1+json", Ct);
        var files = Documents.Where(d => !d.Contains("spdx", StringComparison.Ordinal)).Select(d => File("one", d));
        await new ReleaseReferrers(repository, _ => { }).AttachAsync(new(subject, 10), files, Ct);
        var index = Encoding.UTF8.GetString((await repository.FindManifestAsync(tag, Ct))!);
        index.Split("application/x-other").Length.ShouldBe(2);
        await new ReleaseReferrers(repository, _ => { }).AttachAsync(new(subject, 10), files, Ct);
        Encoding.UTF8.GetString((await repository.FindManifestAsync(tag, Ct))!).Length.ShouldBe(index.Length);
    }

    [Fact]
    public async Task They_go_with_the_release()
    {
        var host = Open(fixture.Registry.Host);
        await ReleaseAsync(host, "one");
        var repository = _sources!.OpenArtifacts($"{fixture.Registry.Host}/{_path}/kiosk").Value!;
        var subject = (await repository.HeadAsync("20261121.0", Ct))!;
        var referrers = await new ReleaseReferrers(repository, _ => { }).ListAsync(subject, Ct);
        referrers.Length.ShouldBe(4);
        await ReleaseAsync(host, "two");
        (await host.PruneAsync("kiosk", 1, Ct)).ShouldBe(["20261121.0"]);
        foreach (var gone in referrers.Append(subject).Select(d => d.Text).Append($"sha256-{subject.Hex}"))
            (await repository.FindManifestAsync(gone, Ct)).ShouldBeNull(gone);
        (await repository.FindReferrersAsync((await repository.HeadAsync("20261121.1", Ct))!, Ct)).ShouldNotBeNull();
    }

    [Fact]
    public async Task Dying_before_the_tags_leaves_nobody_with_half_a_release()
    {
        var steps = new List<string>();
        await ReleaseAsync(Open(fixture.Registry.Host, steps.Add), "one");
        steps.SkipWhile(s => !s.StartsWith("refer", StringComparison.Ordinal)).ShouldBe(
            ["refer SHA256SUMS.sigstore.json", "refer kiosk-pc.cdx.json", "refer kiosk-pc.spdx.json", "refer kiosk.intoto.jsonl", "list referrers", "latest", "tag"]);
        foreach (var step in steps.Where(s => s.Contains("refer", StringComparison.Ordinal)))
        {
            await Should.ThrowAsync<KilledException>(() => ReleaseAsync(Open(fixture.Registry.Host, s => { if (s == step) throw new KilledException(); }), "two"));
            var tags = await _sources!.OpenArtifacts($"{fixture.Registry.Host}/{_path}/kiosk").Value!.TagsAsync(Ct);
            string.Join(' ', tags.Where(t => !t.StartsWith("sha256-", StringComparison.Ordinal)).Order(StringComparer.Ordinal)).ShouldBe("20261121.0 latest", step);
        }
    }

    [Fact]
    public async Task A_registry_that_keeps_the_list_gets_no_tag()
    {
        await using var registry = new FakeRegistry(new(_temp["layout"]));
        var store = new ConcurrentDictionary<string, byte[]>(StringComparer.Ordinal);
        registry.Misbehave = request => Serve(store, request);
        await ReleaseAsync(Open(registry.Host), "one");
        store.Keys.ShouldNotContain(k => k.Contains("sha256-", StringComparison.Ordinal));
        var repository = _sources!.OpenArtifacts($"{registry.Host}/{_path}/kiosk").Value!;
        (await new ReleaseReferrers(repository, _ => { }).ListAsync(Digest.Sha256("x"u8), Ct)).ShouldBe([Digest.Sha256("listed"u8)]);
    }

    /// <summary>As much of a registry with the API as a push needs.</summary>
    private static FakeResponse? Serve(ConcurrentDictionary<string, byte[]> store, FakeRequest request)
    {
        if (request.Path.Contains("/referrers/", StringComparison.Ordinal))
            return new(200, Encoding.UTF8.GetBytes($"{{\"schemaVersion\":2,\"manifests\":[{{\"digest\":\"{Digest.Sha256("listed"u8)}\"}}]}}"), ("Content-Type", "application/vnd.oci.image.index.v1+json"));
        if (request.Path.EndsWith("/tags/list", StringComparison.Ordinal))
            return new(200, Encoding.UTF8.GetBytes("{\"tags\":[" + string.Join(',', store.Keys.Where(k => k.Contains("/manifests/2", StringComparison.Ordinal)).Select(k => $"\"{k[(k.LastIndexOf('/') + 1)..]}\"")) + "]}"), ("Content-Type", "application/json"));
        switch (request.Method)
        {
            case "POST":
                return FakeResponse.Empty(202, ("Location", request.Path + "1"));
            case "PUT":
                var key = request.Path.Contains("/uploads/", StringComparison.Ordinal) ? "blob " + Uri.UnescapeDataString(request.Query) : request.Path;
                store[key] = Encoding.UTF8.GetBytes(request.Body);
                return FakeResponse.Empty(201, request.Body.Contains("\"subject\"", StringComparison.Ordinal) ? [("OCI-Subject", "sha256:" + new string('0', 64))] : []);
            default:
                return store.TryGetValue(request.Path, out var found)
                    ? new(200, found, ("Docker-Content-Digest", Digest.Sha256(found).Text), ("Content-Type", "application/vnd.oci.image.manifest.v1+json"))
                    : store.Keys.Any(k => k.StartsWith("blob", StringComparison.Ordinal) && k.Contains(request.Path[(request.Path.LastIndexOf('/') + 1)..], StringComparison.Ordinal)) ? FakeResponse.Empty(200) : FakeResponse.Empty(404);
        }
    }

    private RegistryReleases Open(string host, Action<string>? checkpoint = null)
    {
        _sources ??= new(new() { CacheDirectory = _temp["blobs"] });
        return new(_sources.OpenArtifacts, $"{host}/{_path}", _temp["cache"], SilentReporter.Instance) { Clock = _clock, Checkpoint = checkpoint ?? (_ => { }) };
    }

    private static async Task ReleaseAsync(RegistryReleases host, string content)
    {
        await using var draft = await host.OpenAsync("kiosk", Ct);
        foreach (var name in Documents)
            await draft.WriteAsync(name, Encoding.UTF8.GetBytes($"{content} {name}"), Ct);
        await draft.PublishAsync(Ct);
    }

    private static ReleaseFile File(string content, string name)
    {
        var bytes = Encoding.UTF8.GetBytes($"{content} {name}");
        return new(name, new(bytes.Length), Digest.Sha256(bytes));
    }

    private sealed class KilledException : Exception;

    private static string Raw(string reference) => Tool.Require("skopeo", "inspect", "--raw", "--tls-verify=false", reference);
}
