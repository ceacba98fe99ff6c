using System.Security.Cryptography;
using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>Lists of what stands on GitHub, used as the programs use them that they are for.</summary>
public sealed class ListTests : IClassFixture<RegistryFixture>, IAsyncDisposable
{
    private readonly RegistryFixture _fixture;
    private readonly FakeGitHub _github = FakeGitHub.Start();
    private readonly Fleet _fleet;
    private readonly TempDir _temp = new();

    public ListTests(RegistryFixture fixture)
    {
        _fixture = fixture;
        _fleet = new Fleet(fixture.Registry).PublishTo(_github, keep: 5);
        var board = File.ReadAllText(Path.Combine(_fleet.RootPath, "boards/plain.yaml"));
        _fleet.Write("boards/plain.yaml", "imager: {name: A machine, tags: [pi4-64bit], architecture: armv8}\n" + board);
        _fleet.Write("images/kiosk/image.yaml", $"description: Image kiosk\nsource: {fixture.Registry.Host}/lists:1\nboards: [plain]\noutputs:\n  - kind: disk\n    compression: xz\n    bmap: true\n");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        _temp.Dispose();
        await _github.DisposeAsync();
    }

    [Fact]
    public async Task Imager_finds_on_GitHub_what_the_list_promises_and_updates_are_mirrored()
    {
        await ReleaseAsync("one");
        await ReleaseAsync("two");
        _github.TakeRequests();
        (await _fleet.RunAsync(Ct, "site", "-o", _temp["public"], "--updates")).ShouldEndWith(0);
        ImagerJudge.Complaints(File.ReadAllBytes(_temp["public/os_list.json"])).ShouldBeEmpty();
        using var list = JsonDocument.Parse(File.ReadAllBytes(_temp["public/os_list.json"]));
        await ShouldBeAsPromisedAsync(list.RootElement.GetProperty("os_list").EnumerateArray().Single());

        var updates = _temp["public/updates/kiosk/plain"];
        Tool.Require("bash", "-c", $"cd '{updates}' && sha256sum -c --strict SHA256SUMS && test $(wc -l < SHA256SUMS) = 2");
        var downloads = Downloads();
        (await _fleet.RunAsync(Ct, "site", "-o", _temp["public"], "--updates")).ShouldEndWith(0);
        Downloads().ShouldBe(downloads - 2, "the image of each release is there and is not fetched again");
    }

    private int Downloads() => _github.TakeRequests().Count(r => r.Path.Contains("/releases/assets/", StringComparison.Ordinal));

    /// <summary>As Imager does: fetches, unpacks, and compares lengths and digests.</summary>
    private async Task ShouldBeAsPromisedAsync(JsonElement entry)
    {
        using var client = new HttpClient();
        var packed = await client.GetByteArrayAsync(entry.GetProperty("url").GetString(), Ct);
        packed.LongLength.ShouldBe(entry.GetProperty("image_download_size").GetInt64());
        Convert.ToHexStringLower(SHA256.HashData(packed)).ShouldBe(entry.GetProperty("image_download_sha256").GetString());
        await File.WriteAllBytesAsync(_temp["disk.img.xz"], packed, Ct);
        Tool.Require("xz", "-d", _temp["disk.img.xz"]);
        new FileInfo(_temp["disk.img"]).Length.ShouldBe(entry.GetProperty("extract_size").GetInt64());
        Tool.Require("sha256sum", _temp["disk.img"])[..64].ShouldBe(entry.GetProperty("extract_sha256").GetString());
        (await client.GetStringAsync(entry.GetProperty("bmap_url").GetString(), Ct)).ShouldContain("<bmap version=\"2.0\">");
    }

    private async Task ReleaseAsync(string revision)
    {
        await _fixture.Registry.PushAsync(_fleet.Layout, _fleet.System("linux/amd64", revision, 62), "lists", "1", Ct);
        (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0);
    }
}
