using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Text;
using Pipeline.Engine.Publishing.GitHub.Api;
using Pipeline.Core.Reporting;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>Judges that others wrote: a server made of GitHub's description, and a client of GitHub's API.</summary>
public sealed class GitHubJudgesTests
{
    private const string Script = """
        import sys, json, hashlib, urllib.request
        from github import Github
        api, token, repository = sys.argv[1:]
        for release in Github(base_url=api, login_or_token=token).get_repo(repository, lazy=True).get_releases():
            files = {}
            for asset in release.get_assets():
                data = urllib.request.urlopen(asset.browser_download_url).read()
                assert len(data) == asset.size, asset.name
                files[asset.name] = [asset.state, hashlib.sha256(data).hexdigest()]
            print(json.dumps([release.tag_name, release.title, release.draft, release.body, files]))
        """;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task PyGithub_reads_and_downloads_what_we_published()
    {
        await using var fake = FakeGitHub.Start();
        using var temp = new TempDir();
        var host = new GitHubHosts(fake, temp["cache"]).Open();
        var content = "an image"u8.ToArray();
        await File.WriteAllBytesAsync(temp["image"], content, Ct);
        await using (var draft = await host.OpenAsync("kiosk", Ct))
        {
            await draft.AddAsync(new("kiosk-pc.img", new(content.Length), Core.Units.Digest.Sha256(content)), temp["image"], Ct);
            await draft.WriteAsync("CHANGELOG.md", "# Kiosk äö\n"u8.ToArray(), Ct);
            await draft.WriteAsync("inputs.json", "{}"u8.ToArray(), Ct);
            await draft.PublishAsync(Ct);
        }
        var said = Run(fake, FakeGitHub.Token);
        said.ExitCode.ShouldBe(0, said.Output);
        var line = said.Stdout.Trim();
        line.ShouldStartWith("[\"kiosk-2");
        line.ShouldContain("# Kiosk \\u00e4\\u00f6");
        line.ShouldContain($"\"kiosk-pc.img\": [\"uploaded\", \"{Core.Units.Digest.Sha256(content).Hex}\"]");
        fake.State.Published.Single()["kiosk-pc.img"]!.Content[0] ^= 1;
        Run(fake, FakeGitHub.Token).Stdout.ShouldNotContain(Core.Units.Digest.Sha256(content).Hex);
        Run(fake, "wrong").ExitCode.ShouldNotBe(0);
        fake.Complaints.ShouldBeEmpty();
    }

    /// <summary>All but the two requests for tags: Prism finds no operation for a <c>{ref}</c> with a slash, which GitHub's own examples have.</summary>
    [Fact]
    public async Task Prism_takes_every_request_of_ours_and_refuses_wrong_ones()
    {
        using var prism = await Prism.StartAsync(Ct);
        using var temp = new TempDir();
        var settings = new GitHubSettings { FindPlace = _ => throw new InvalidOperationException(), CacheDirectory = temp["cache"] };
        using var transport = new GitHubTransport(new("acme", "images", new(prism.Address + "/"), new("token", "a test")), settings);
        var api = new GitHubApi(transport, new(temp["pages"]), SilentReporter.Instance);
        var sent = new GitHubRelease(1, "kiosk-20261121.0", "", $"{prism.Address}/repos/acme/images/releases/1/assets{{?name,label}}", true, default, []);

        (await api.ListReleasesAsync(Ct)).ShouldHaveSingleItem().TagName.ShouldBe("v1.0.0");
        (await api.CreateDraftAsync(new("kiosk-20261121.0", "kiosk 20261121.0", "text", Draft: true) { TargetCommitish = new('c', 40) }, Ct)).Id.ShouldBe(1);
        (await api.FindReleaseAsync(1, Ct))!.Assets.ShouldHaveSingleItem().State.ShouldBe("uploaded");
        (await api.ListAssetsAsync(1, Ct))!.Value.ShouldHaveSingleItem().Name.ShouldBe("example.zip");
        (await api.UploadAsync(sent, AssetSource.OfBytes("kiosk.img", "an image"u8.ToArray()), Ct))!.Size.ShouldBe(1024);
        (await api.PublishAsync(sent, Ct))!.HtmlUrl.ShouldContain("/releases/");
        await api.DeleteAssetAsync(1, Ct);
        await api.DeleteReleaseAsync(1, Ct);

        using var client = new HttpClient();
        var wrong = await client.PostAsync($"{prism.Address}/repos/acme/images/releases", new StringContent("{\"draft\":\"yes\"}", Encoding.UTF8, "application/json"), Ct);
        wrong.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
    }

    private static ToolResult Run(FakeGitHub fake, string token) =>
        Tool.Run(new ProcessStartInfo("python3", ["-c", Script, $"{fake.Address}/api/v3", token, $"{FakeGitHub.Owner}/{FakeGitHub.Repository}"]));
}
