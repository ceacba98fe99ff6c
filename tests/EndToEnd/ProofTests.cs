using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>Signed releases of the real program: verified by it and by other tools, wherever they are, built again, and without a trace of what is secret.</summary>
public sealed class ProofTests : IClassFixture<RegistryFixture>, IAsyncDisposable
{
    private const string Passphrase = "planted-passphrase-0451";
    private const string RemotePassword = "planted-remote-password";
    private readonly RegistryFixture _fixture;
    private readonly FakeGitHub _github = FakeGitHub.Start();
    private readonly Fleet _fleet;
    private readonly string _prefix = $"proof-{Guid.NewGuid():n}";
    private string _pem = KeyFile.Make(null);
    private VerificationKey _key = null!;
    private readonly StringBuilder _outputs = new();

    public ProofTests(RegistryFixture fixture)
    {
        _fixture = fixture;
        _fleet = new Fleet(fixture.Registry);
        Plant(_pem);
        Config("directory: releases");
        _fleet.Write("images/kiosk/files/motd", "hello\n");
        _fleet.AddImage("kiosk", $"{_prefix}/base", "  files:\n    - {path: /etc/motd, source: files/motd}\n");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _fleet.Dispose();
        await _github.DisposeAsync();
    }

    [Fact]
    public async Task A_signed_release_is_accepted_by_us_by_openssl_and_by_sigstore()
    {
        await ReleaseAsync();
        var release = _fleet.Latest("kiosk");
        Tool.Run("bash", "-c", $"cd {release} && sha256sum --strict --quiet -c SHA256SUMS").ExitCode.ShouldBe(0);
        OpenSsl(release).ShouldContain("Verified OK");
        Sigstore.Verify(File.ReadAllBytes(Path.Combine(release, "SHA256SUMS.sigstore.json")), _key, File.ReadAllBytes(Path.Combine(release, "SHA256SUMS"))).Output.ShouldContain("VERIFIED");
        var report = (await RunAsync("verify", "kiosk")).ShouldEndWith(0).Stdout;
        report.ShouldContain($"signature: right, of the key {_key.Id[..12]}…");
        report.ShouldEndWith("verified\n");
        // The key is the repository's; a download has none, and is told one.
        await RunAsync("verify", release, "--key", Path.Combine(_fleet.RootPath, "release-key.pub.pem"));
        (await RunAsync("verify", release, "--key", "/dev/zero")).ShouldEndWith(1).Output.ShouldContain("it is longer than 65536 bytes");
        (await RunAsync("key", "show")).ShouldEndWith(0).Stdout.ShouldBe(_key.Pem);

        var sums = Path.Combine(release, "SHA256SUMS");
        File.WriteAllText(sums, File.ReadAllText(sums).Replace(" *kiosk-plain", " *kiosk_plain", StringComparison.Ordinal));
        OpenSsl(release).ShouldNotContain("Verified OK");
        (await RunAsync("verify", "kiosk", "--json")).ShouldEndWith(1).Objects("diagnostic").Select(d => d.GetProperty("code").GetString()).ShouldContain("PL6309");
    }

    [Fact]
    public async Task The_same_inputs_give_the_same_release_with_its_signatures()
    {
        await ReleaseAsync();
        var first = Files(_fleet.Latest("kiosk"));
        Directory.Delete(_fleet.ReleasesPath, recursive: true);
        (await RunAsync("reconcile")).ShouldEndWith(0);
        Files(_fleet.Latest("kiosk")).ShouldBe(first);
    }

    [Fact]
    public async Task A_release_comes_out_again_until_an_input_changes()
    {
        _fleet.Program.Environment["SOURCE_DATE_EPOCH"] = "1700000000";
        await ReleaseAsync();
        _fleet.Program.Environment.Remove("SOURCE_DATE_EPOCH");
        // Neither the clock nor where the tag leads matters, nor that the image is suspended by now.
        _fleet.Write("images/kiosk/image.yaml", (await File.ReadAllTextAsync(Path.Combine(_fleet.RootPath, "images/kiosk/image.yaml"), Ct)) + "suspend: true\n");
        await _fixture.Registry.PushAsync(_fleet.Layout, _fleet.System("linux/amd64", "two", 62), $"{_prefix}/base", "1", Ct);
        var equal = (await RunAsync("verify", "kiosk", "--rebuild")).ShouldEndWith(0).Stdout;
        equal.ShouldContain("kiosk-plain.img  equal");
        equal.ShouldEndWith("equal\n");

        _fleet.Write("images/kiosk/files/motd", "other\n");
        var differs = (await RunAsync("verify", "kiosk", "--rebuild")).ShouldEndWith(1);
        differs.Stderr.ShouldContain("PL6322");
        differs.Stderr.ShouldContain("customize.files[/etc/motd].content");
        Regex.IsMatch(differs.Stderr, @"PL6324: 'kiosk-plain.img' .* differs first at byte \d+ of the image, in \w").ShouldBeTrue(differs.Stderr);
        _fleet.Write("images/kiosk/files/motd", "hello\n");

        var board = Path.Combine(_fleet.RootPath, "boards/plain.yaml");
        var text = await File.ReadAllTextAsync(board, Ct);
        await File.WriteAllTextAsync(board, text.Replace("8MiB", "9MiB", StringComparison.Ordinal), Ct);
        (await RunAsync("verify", "kiosk", "--rebuild")).ShouldEndWith(1).Stderr.ShouldContain("board.partitions[0].size was 8 MiB, and is 9 MiB here");
        await File.WriteAllTextAsync(board, text, Ct);

        var image = Path.Combine(_fleet.Latest("kiosk"), "kiosk-plain.img");
        await using (var file = File.OpenWrite(image))
        {
            file.Position = 2_000_000;
            file.WriteByte(1);
        }
        var changed = (await RunAsync("verify", "kiosk", "--rebuild")).ShouldEndWith(1).Stderr;
        changed.ShouldContain("PL6305");
        changed.ShouldContain("differs first at byte 2000000 of the image, in ");
        changed.ShouldNotContain("PL6322");
        Scratch.Of(_fleet).ShouldBeEmpty();
    }

    [Fact]
    public async Task It_is_built_again_with_the_manifests_of_the_recorded_commit()
    {
        _fleet.Commit("Begin");
        await ReleaseAsync();
        _fleet.Write("images/kiosk/files/motd", "other\n").Commit("Go on");
        _fleet.Write("boards/plain.yaml", "nonsense");
        (await RunAsync("verify", "kiosk", "--rebuild")).ShouldEndWith(0).Output.ShouldNotContain("as they lie");
        (await RunAsync("verify", "kiosk", "--rebuild", "--ref", "HEAD")).ShouldEndWith(1).Output.ShouldContain("customize.files[/etc/motd].content");
        (await RunAsync("verify", "kiosk", "--rebuild", "--ref", "nowhere")).ShouldEndWith(1);
        Scratch.Of(_fleet).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("registry")]
    [InlineData("github")]
    public async Task A_release_is_verified_where_it_is(string store)
    {
        if (store == "github")
            _fleet.Program.Environment["PIPELINE_GITHUB_TOKEN"] = FakeGitHub.Token;
        Config(store == "github" ? GitHub : $"registry: {_fixture.Registry.Host}/{_prefix}/releases");
        await ReleaseAsync();
        // Who downloads a public release has neither a token nor the private key.
        foreach (var secret in new[] { "PIPELINE_GITHUB_TOKEN", SigningConnection.KeyVariable, SigningConnection.PassphraseVariable })
            _fleet.Program.Environment.Remove(secret);
        var verified = (await RunAsync("verify", "kiosk", "--json")).ShouldEndWith(0);
        var last = verified.Objects("verified").ShouldHaveSingleItem();
        last.GetProperty("signature").GetString().ShouldBe("right");
        verified.Objects("verifiedFile").Select(f => f.GetProperty("name").GetString()).ShouldBe(["CHANGELOG.md", "inputs.json", "kiosk-amd64.packages.json", "kiosk-plain.img", "kiosk.changes.json", "kiosk.intoto.jsonl"]);
        var version = last.GetProperty("version").GetString();
        (await RunAsync("verify", $"kiosk-{version}", "--rebuild")).ShouldEndWith(0).Stdout.ShouldContain("equal");
        await FlashAsync($"kiosk@{version}");
        (await RunAsync("verify", "kiosk/20200101.0")).ShouldEndWith(1).Output.ShouldContain("PL6301");
    }

    /// <summary>From where it is onto a card: downloaded once, verified with the repository's key, refused with another.</summary>
    private async Task FlashAsync(string release)
    {
        var card = Path.Combine(_fleet.WholePath, "card");
        await using (var file = File.Create(card))
            file.SetLength(64 << 20);
        (await RunAsync("flash", release, card, "--file", "--yes")).ShouldEndWith(0).Output.ShouldContain("download kiosk-plain.img");
        PartitionTableJudge.Complaints(card, 512, "Caution: Partition").ShouldBeEmpty();
        (await RunAsync("flash", release, card, "--file", "--yes", "--board", "plain")).ShouldEndWith(0).Output.ShouldNotContain("download kiosk-plain.img");
        (await RunAsync("flash", release, card, "--file", "--yes", "--board", "other")).ShouldEndWith(1).Output.ShouldContain("PL6202");
        _fleet.Write("release-key.pub.pem", SigningKeys.Other.Public.Pem);
        (await RunAsync("flash", release, card, "--file", "--yes")).ShouldEndWith(1).Output.ShouldContain("PL6309");
        _fleet.Write("release-key.pub.pem", _key.Pem);
    }

    [Fact]
    public async Task Without_the_key_nothing_is_built_and_the_reason_has_its_place()
    {
        _fleet.Program.Environment.Remove(SigningConnection.KeyVariable);
        await PushAsync();
        var refused = (await RunAsync("reconcile")).ShouldEndWith(4).Output;
        refused.ShouldContain("pipeline.yaml:4:1: error PL5301");
        refused.ShouldNotContain("unpack");
        _fleet.Releases("kiosk").ShouldBeEmpty();
    }

    [Fact]
    public async Task Neither_keys_nor_passphrases_nor_tokens_are_in_any_output_or_file()
    {
        Config(GitHub);
        Plant(KeyFile.Make(new(Passphrase, "test")));
        _fleet.Program.Environment["PIPELINE_GITHUB_TOKEN"] = FakeGitHub.Token;
        _fleet.Commit("Begin");
        Tool.Require("git", "-C", _fleet.RootPath, "remote", "add", "origin", $"https://robot:{RemotePassword}@git.example/acme/images.git");
        await ReleaseAsync();
        await RunAsync("verify", "kiosk", "--rebuild", "--verbose");
        await RunAsync("verify", "kiosk", "--json");
        await RunAsync("build", "kiosk", "-o", Path.Combine(_fleet.WholePath, "out"), "--json");
        await RunAsync("key", "show", "--verbose");
        await FailAsync();
        Directory.Delete(Path.Combine(_fleet.RootPath, ".git"), recursive: true); // where git keeps the address is git's affair

        var body = _pem.Split('\n')[2];
        foreach (var secret in new[] { Passphrase, body, FakeGitHub.Token, RemotePassword })
        {
            _outputs.ToString().ShouldNotContain(secret);
            Holders(secret).ShouldBeEmpty(secret);
            Tellers(secret).ShouldBeEmpty(secret);
        }
        // The search can find: the public key's name is in the provenance, in outputs and in the cache.
        _outputs.ToString().ShouldContain(_key.Id[..12]);
        Holders("kiosk").ShouldNotBeEmpty();
        Tellers("git.example/acme/images.git").ShouldNotBeEmpty();
    }

    /// <summary>Everything that may be wrong with a key, and a builder that dies.</summary>
    private async Task FailAsync()
    {
        await _fixture.Registry.PushAsync(_fleet.Layout, _fleet.System("linux/amd64", "three", 62), $"{_prefix}/base", "1", Ct);
        _fleet.Program.Environment[SigningConnection.PassphraseVariable] = Passphrase + "-wrong";
        (await RunAsync("reconcile", "--verbose")).ShouldEndWith(4).Output.ShouldContain("PL5302");
        await RunAsync("key", "show");
        _fleet.Program.Environment[SigningConnection.PassphraseVariable] = Passphrase;
        _fleet.Program.Environment[SigningConnection.KeyVariable] = _pem.Replace("A", "B", StringComparison.Ordinal);
        (await RunAsync("reconcile", "--json")).ShouldEndWith(4).Output.ShouldContain("PL5302");
        _fleet.Program.Environment[SigningConnection.KeyVariable] = KeyFile.Make(null);
        (await RunAsync("reconcile")).ShouldEndWith(4).Output.ShouldContain("PL5303");
        _fleet.Program.Environment[SigningConnection.KeyVariable] = _pem;
        _github.Plan(GitHubFault.Forbidden, "POST", "/releases");
        await RunAsync("reconcile", "--verbose");
    }

    private void Plant(string pem)
    {
        _pem = pem;
        _key = KeyFile.Read(new(pem, "test"), new(Passphrase, "test")).Key!.Public;
        _fleet.Program.Environment[SigningConnection.KeyVariable] = pem;
        _fleet.Program.Environment[SigningConnection.PassphraseVariable] = Passphrase;
        _fleet.Write("release-key.pub.pem", _key.Pem);
    }

    private static string GitHub => "github: {repository: " + FakeGitHub.Owner + "/" + FakeGitHub.Repository + ", api: '";

    private void Config(string store) =>
        _fleet.Write("pipeline.yaml", $"version: 1\nreleases:\n  {(store == GitHub ? $"{store}{_github.Address}/api/v3'}}" : store)}\nsigning:\n  publicKey: release-key.pub.pem\n");

    private async Task ReleaseAsync()
    {
        await PushAsync();
        (await RunAsync("reconcile", "--verbose")).ShouldEndWith(0);
    }

    private Task PushAsync() => _fixture.Registry.PushAsync(_fleet.Layout, _fleet.System("linux/amd64", "one", 62), $"{_prefix}/base", "1", Ct);

    private async Task<ProgramResult> RunAsync(params string[] arguments)
    {
        var run = await _fleet.RunAsync(Ct, arguments);
        _outputs.Append(run.Output);
        return run;
    }

    private static Dictionary<string, string> Files(string release) =>
        Directory.EnumerateFiles(release).ToDictionary(f => Path.GetFileName(f)!, f => Core.Units.Digest.Sha256(File.ReadAllBytes(f)).Text, StringComparer.Ordinal);

    private string OpenSsl(string release) => Tool.Run(
        "openssl", "dgst", "-sha256", "-verify", Path.Combine(_fleet.RootPath, "release-key.pub.pem"), "-signature", Path.Combine(release, "SHA256SUMS.sig"), Path.Combine(release, "SHA256SUMS")).Output;

    /// <summary>Releases on GitHub that hold a text, in their own or in a file's.</summary>
    private List<string> Tellers(string text) =>
        [.. _github.State.Published.Where(r => r.Body.Contains(text, StringComparison.Ordinal) || r.Assets.Exists(a => a.Content.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0)).Select(r => r.Tag)];

    private IEnumerable<string> Holders(string text) =>
        Directory.EnumerateFiles(_fleet.WholePath, "*", SearchOption.AllDirectories).Where(f => File.ReadAllBytes(f).AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);
}
