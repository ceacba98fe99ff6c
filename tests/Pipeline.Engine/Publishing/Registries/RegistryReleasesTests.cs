using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Core.Units;
using Pipeline.EndToEnd;
using Pipeline.Kit;
using Pipeline.Oci.Sources;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Registries;

/// <summary>The contract on Docker's own registry, read by plain requests as ORAS makes them.</summary>
public sealed class RegistryReleasesTests : ReleaseHostContract, IClassFixture<RegistryFixture>
{
    private readonly DockerRegistry _registry;
    private readonly ImageSources _sources;
    private readonly HttpClient _client = new();
    private readonly string _path = $"releases-{Guid.NewGuid():n}";

    public RegistryReleasesTests(RegistryFixture fixture)
    {
        _registry = fixture.Registry;
        _sources = new(new() { CacheDirectory = Factory.Temp["blobs"] });
        _client.DefaultRequestHeaders.Add("Accept", "application/vnd.oci.image.manifest.v1+json");
    }

    private string Place => $"{_registry.Host}/{_path}";

    [Fact]
    public async Task It_is_what_oras_expects()
    {
        var release = await ReleaseAsync(Open(), ("kiosk-pc.img", "one"));
        release.Location.ShouldBe($"{Place}/kiosk:20261121.0");
        using var manifest = JsonDocument.Parse(Tool.Require("skopeo", "inspect", "--raw", "--tls-verify=false", $"docker://{Place}/kiosk:latest"));
        manifest.RootElement.GetProperty("artifactType").GetString().ShouldBe("application/vnd.pipeline.release.v1");
        manifest.RootElement.GetProperty("config").GetProperty("mediaType").GetString().ShouldBe("application/vnd.oci.empty.v1+json");
        manifest.RootElement.GetProperty("layers").EnumerateArray().Select(l => l.GetProperty("annotations").GetProperty("org.opencontainers.image.title").GetString())
            .ShouldBe(["CHANGELOG.md", "SHA256SUMS", "inputs.json", "kiosk-pc.img"]);
        manifest.RootElement.GetProperty("annotations").GetProperty("org.opencontainers.image.version").GetString().ShouldBe("20261121.0");
        // Copied whole by a tool that knows nothing of us, digests checked on the way.
        Tool.Require("skopeo", "copy", "-q", "--src-tls-verify=false", $"docker://{Place}/kiosk:20261121.0", $"dir:{Factory.Temp["copy"]}");
        File.ReadAllText(Factory.Temp[$"copy/{Digest.Sha256("one"u8).Hex}"]).ShouldBe("one");
    }

    [Fact]
    public async Task Dying_at_any_step_shows_no_half_release_and_the_next_run_completes()
    {
        var steps = new List<string>();
        await ReleaseAsync(Open(), ("kiosk-pc.img", "v0"));
        await ReleaseAsync(Open(steps.Add), ("kiosk-pc.img", "v1"));
        steps.ShouldBe(["push kiosk-pc.img", "push inputs.json", "push CHANGELOG.md", "push SHA256SUMS", "latest", "tag"]);
        for (var death = 0; death < steps.Count; death++)
        {
            var count = 0;
            var content = $"death {death}";
            await Should.ThrowAsync<KilledException>(() => ReleaseAsync(Open(_ => Die(count++ >= death)), ("kiosk-pc.img", content)));
            var versions = await VersionsAsync("kiosk");
            (await FilesAsync("kiosk", "latest")).Count.ShouldBe(4, steps[death]);
            var host = Open();
            await host.RecoverAsync(["kiosk"], Ct);
            if ((await VersionsAsync("kiosk")).Length == versions.Length)
                await ReleaseAsync(host, ("kiosk-pc.img", content));
            else
                steps[death].ShouldBe("tag");
            (await VersionsAsync("kiosk")).Length.ShouldBe(versions.Length + 1, steps[death]);
            Encoding.UTF8.GetString((await FilesAsync("kiosk", "latest"))["kiosk-pc.img"]).ShouldBe(content);
            Encoding.UTF8.GetString((await FilesAsync("kiosk", (await VersionsAsync("kiosk"))[0]))["kiosk-pc.img"]).ShouldBe(content);
        }
    }

    [Fact]
    public async Task What_the_registry_has_is_not_sent_again()
    {
        await ReleaseAsync(Open(), ("kiosk-pc.img", "one"));
        await _registry.TakeRequestsAsync(Ct);
        await ReleaseAsync(Open(), ("kiosk-pc.img", "one"));
        (await _registry.TakeRequestsAsync(Ct)).Count(r => r.StartsWith("PUT", StringComparison.Ordinal) && r.Contains("/blobs/", StringComparison.Ordinal))
            .ShouldBe(1, "inputs.json names the version; all else is the same");
    }

    [Fact]
    public async Task A_plan_asks_for_tags_and_one_head_of_each_image()
    {
        await ReleaseAsync(Open(), ("kiosk-pc.img", "one"));
        await Open().ObserveAsync(["kiosk"], Ct);
        await _registry.TakeRequestsAsync(Ct);
        (await Open().ObserveAsync(["kiosk"], Ct)).Count.ShouldBe(1);
        (await _registry.TakeRequestsAsync(Ct)).Select(r => r.Replace(_path, "P", StringComparison.Ordinal)).ShouldBe(["GET /v2/P/kiosk/tags/list?n=1000", "HEAD /v2/P/kiosk/manifests/20261121.0"]);
    }

    [Fact]
    public async Task Somebody_who_takes_the_tag_first_wins()
    {
        var e = await Should.ThrowAsync<OvertakenException>(() => ReleaseAsync(Open(step =>
        {
            if (step == "push SHA256SUMS")
                ReleaseAsync(Open(), ("kiosk-pc.img", "faster")).GetAwaiter().GetResult();
        }), ("kiosk-pc.img", "slower")));
        e.Newest.Version.ShouldBe("20261121.0");
        Encoding.UTF8.GetString((await FilesAsync("kiosk", "latest"))["kiosk-pc.img"]).ShouldBe("faster");
    }

    [Fact]
    public async Task A_release_that_latest_names_is_not_deleted()
    {
        await ReleaseAsync(Open(), ("kiosk-pc.img", "one"));
        await ReleaseAsync(Open(), ("kiosk-pc.img", "two"));
        Tool.Require("skopeo", "copy", "-q", "--src-tls-verify=false", "--dest-tls-verify=false", $"docker://{Place}/kiosk:20261121.0", $"docker://{Place}/kiosk:latest");
        await Open().RecoverAsync(["kiosk"], Ct);
        (await Open().PruneAsync("kiosk", 1, Ct)).ShouldBeEmpty();
        (await FilesAsync("kiosk", "20261121.0")).Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_name_that_no_registry_takes_is_refused() =>
        (await Should.ThrowAsync<ReleaseRefusedException>(() => Open().OpenAsync("a.-b", Ct))).Diagnostic.Rule.ShouldBe(RegistryHostRules.ImageName);

    [Theory]
    [InlineData("another kind of artifact", "application/vnd.pipeline.release.v1", "application/vnd.other", "its type is 'application/vnd.other'")]
    [InlineData("a title that is a path", "kiosk-pc.img", "../escape", "no title that is a file name")]
    [InlineData("a record of another image", "inputs.json", "other.json", "there is no inputs.json")]
    public async Task A_manifest_that_is_not_ours_is_told(string what, string old, string now, string problem)
    {
        await ReleaseAsync(Open(), ("kiosk-pc.img", "one"));
        await PutAsync("20261121.0", json => json.Replace(old, now, StringComparison.Ordinal));
        var found = (await Open().ObserveAsync(["kiosk"], Ct))["kiosk"];
        found.Record.ShouldBeNull(what);
        found.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain(problem);
    }

    protected override IReleaseHost Open() => Open(_ => { });

    protected override async Task<ImmutableArray<string>> VersionsAsync(string image)
    {
        var answer = await _client.GetAsync($"http://{Place}/{image}/tags/list".Replace(_registry.Host + "/", _registry.Host + "/v2/", StringComparison.Ordinal), Ct);
        if (!answer.IsSuccessStatusCode)
            return [];
        var tags = JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))!["tags"]?.AsArray().Select(t => (string)t!) ?? [];
        return [.. tags.Where(t => t != "latest").OrderDescending(StringComparer.Ordinal)];
    }

    protected override async Task<SortedDictionary<string, byte[]>> FilesAsync(string image, string version)
    {
        var manifest = JsonNode.Parse(await _client.GetStringAsync($"http://{_registry.Host}/v2/{_path}/{image}/manifests/{version}", Ct))!;
        var files = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var layer in manifest["layers"]!.AsArray())
            files.Add((string)layer!["annotations"]!["org.opencontainers.image.title"]!, await _client.GetByteArrayAsync($"http://{_registry.Host}/v2/{_path}/{image}/blobs/{layer["digest"]}", Ct));
        return files;
    }

    protected override Task LoseAsync(string image, string version, string file) => PutAsync(version, json =>
    {
        var manifest = JsonNode.Parse(json)!;
        var layers = manifest["layers"]!.AsArray();
        layers.Remove(layers.Single(l => (string?)l!["annotations"]!["org.opencontainers.image.title"] == file));
        return manifest.ToJsonString();
    });

    public override void Dispose()
    {
        _client.Dispose();
        base.Dispose();
    }

    private RegistryReleases Open(Action<string> checkpoint) =>
        new(_sources.OpenArtifacts, Place, Factory.Temp["artifacts"], Factory.Reporter) { Clock = Factory.Clock, Checkpoint = checkpoint };

    private async Task PutAsync(string tag, Func<string, string> change)
    {
        var address = $"http://{_registry.Host}/v2/{_path}/kiosk/manifests/{tag}";
        var json = change(await _client.GetStringAsync(address, Ct));
        var answer = await _client.PutAsync(address, new StringContent(json, Encoding.UTF8, new System.Net.Http.Headers.MediaTypeHeaderValue("application/vnd.oci.image.manifest.v1+json")), Ct);
        answer.IsSuccessStatusCode.ShouldBeTrue(await answer.Content.ReadAsStringAsync(Ct));
    }

    private static void Die(bool now)
    {
        if (now)
            throw new KilledException();
    }

    private sealed class KilledException : Exception;
}
