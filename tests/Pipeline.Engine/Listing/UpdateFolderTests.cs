using System.Collections.Immutable;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Listing;

public sealed class UpdateFolderTests : IDisposable
{
    /// <summary>What systemd-sysupdate starts to fetch the index and the files, and to check them (Debian builds no sysupdate before 13).</summary>
    private const string Pull = "/usr/lib/systemd/systemd-pull";

    private readonly ReleaseStore _store = new();
    private readonly TempDir _temp = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _temp.Dispose();
    }

    [Fact]
    public async Task Every_version_that_is_offered_is_listed_under_a_name_with_its_version()
    {
        _store.Add("kiosk", "20261120.0", Pc("old"), Pi("pi") with { Platform = "linux/arm64" });
        _store.Add("kiosk", "20261121.0", Pc("new"), Pi("pi") with { Platform = "linux/arm64", BuiltIn = "20261120.0" });
        _store.Add("kiosk", "20261122.0", Pc("bad"));
        _store.Point("kiosk", "20261121.0");
        (await WriteAsync(_store.Reader)).ShouldBeEmpty();

        Names("kiosk/pc").ShouldBe(["SHA256SUMS", "kiosk-pc_20261120.0_x86-64.img.xz", "kiosk-pc_20261121.0_x86-64.img.xz"]);
        Names("kiosk/pi").ShouldBe(["SHA256SUMS", "kiosk-pi_20261120.0_arm64.img.xz"], "a board that was carried over is no update");
        Tool.Require("bash", "-c", $"cd '{_temp["updates/kiosk/pc"]}' && sha256sum -c --strict SHA256SUMS && test $(wc -l < SHA256SUMS) = 2");
        File.ReadAllText(_temp["updates/kiosk/pc/kiosk-pc_20261121.0_x86-64.img.xz"]).ShouldBe("new");
        Inode(_temp["updates/kiosk/pc/kiosk-pc_20261121.0_x86-64.img.xz"]).ShouldBe(Inode(_store["kiosk/20261121.0/kiosk-pc.img.xz"]), "a link costs nothing");
    }

    [Fact]
    public async Task What_is_no_longer_offered_goes_and_what_others_put_there_stays()
    {
        _store.Add("kiosk", "20261120.0", Pc("old"));
        _store.Add("kiosk", "20261121.0", Pc("new"));
        await WriteAsync(_store.Reader);
        File.WriteAllText(_temp["updates/kiosk/pc/SHA256SUMS.gpg"], "a signature");
        Directory.Delete(_store["kiosk/20261120.0"], recursive: true);
        await WriteAsync(_store.Reader);
        Names("kiosk/pc").ShouldBe(["SHA256SUMS", "SHA256SUMS.gpg", "kiosk-pc_20261121.0_x86-64.img.xz"]);
        Directory.Delete(_store["kiosk"], recursive: true);
        _store.Add("kiosk", "20261123.0", Pc("newest"));
        await WriteAsync(_store.Reader);
        Names("kiosk/pc").ShouldBe(["SHA256SUMS", "SHA256SUMS.gpg", "kiosk-pc_20261123.0_x86-64.img.xz"]);
    }

    [Fact]
    public async Task From_a_store_that_is_far_away_files_are_downloaded_once_and_checked()
    {
        _store.Add("kiosk", "20261120.0", Pc("old"));
        _store.Add("kiosk", "20261121.0", Pc("new"));
        var far = new FarStore(_store.Reader);
        (await WriteAsync(far)).ShouldBeEmpty();
        far.Opened.Count.ShouldBe(2);
        (await WriteAsync(far)).ShouldBeEmpty();
        far.Opened.Count.ShouldBe(2, "what is there is not fetched again");

        File.Delete(_temp["updates/kiosk/pc/kiosk-pc_20261121.0_x86-64.img.xz"]);
        Damage.FlipBit(_store["kiosk/20261121.0/kiosk-pc.img.xz"], 1);
        var said = (await WriteAsync(far)).ShouldHaveSingleItem();
        said.Rule.ShouldBe(ListingRules.NotOffered);
        Names("kiosk/pc").ShouldBe(["SHA256SUMS", "kiosk-pc_20261120.0_x86-64.img.xz"], "no half file, and no name that leads nowhere");
        File.ReadAllText(_temp["updates/kiosk/pc/SHA256SUMS"]).ShouldNotContain("20261121.0");
    }

    [Fact]
    public async Task A_local_file_of_another_length_is_not_offered()
    {
        _store.Add("kiosk", "20261121.0", Pc("new"));
        File.AppendAllText(_store["kiosk/20261121.0/kiosk-pc.img.xz"], "er");
        (await WriteAsync(_store.Reader)).ShouldHaveSingleItem().Rule.ShouldBe(ListingRules.NotOffered);
        Names("kiosk/pc").ShouldBe(["SHA256SUMS"]);
    }

    [Theory]
    [InlineData("kiosk-pc.img.bmap", null)]
    [InlineData("kiosk-pc.live.img", "kiosk-pc_20261121.0_x86-64.live.img")]
    [InlineData("kiosk-pc.squashfs", "kiosk-pc_20261121.0_x86-64.squashfs")]
    [InlineData("kiosk-pc-initrd.img", "kiosk-pc_20261121.0_x86-64-initrd.img")]
    [InlineData("other.img", null)]
    public async Task Names_keep_their_endings(string file, string? name)
    {
        _store.Add("kiosk", "20261121.0", ReleaseStore.Target("pc", file, "x"));
        (await WriteAsync(_store.Reader)).ShouldBeEmpty();
        (Directory.Exists(_temp["updates"]) ? Names("kiosk/pc").Where(n => n != "SHA256SUMS") : []).ShouldBe(name is null ? [] : [name]);
    }

    /// <summary>Over HTTP, from a server that is not ours. The index is fetched first and is all that systemd asks; a payload is held to it and unpacked.</summary>
    [Fact]
    public async Task Systemd_fetches_the_index_and_an_update_and_refuses_what_is_not_listed_so()
    {
        var image = new string('x', 3 << 20);
        File.WriteAllText(_temp["disk.img"], image);
        Tool.Require("xz", "-0", "-k", _temp["disk.img"]);
        var packed = File.ReadAllBytes(_temp["disk.img.xz"]);
        var file = new Planning.ReleaseFile("kiosk-pc.img.xz", new(packed.Length), Digest.Sha256(packed));
        _store.Add("kiosk", "20261120.0", Pc("old"));
        _store.Add("kiosk", "20261121.0", new StoredTarget("pc", "disk", [(file, packed)]));
        await WriteAsync(_store.Reader);
        using var server = await StaticServer.StartAsync(_temp["updates/kiosk/pc"], Ct);

        var index = Run("--verify=no", server.Address + "SHA256SUMS", "-");
        index.ExitCode.ShouldBe(0, index.Output);
        var pattern = MatchPattern("kiosk-pc_@v_%a.img.xz", "x86-64");
        var versions = index.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => pattern.Match(l[66..]).Groups["v"].Value).ToList();
        versions.ShouldBe(["20261120.0", "20261121.0"], ignoreOrder: true);

        var address = $"{server.Address}kiosk-pc_{versions.Max(StringComparer.Ordinal)}_x86-64.img.xz";
        Run("--verify=checksum", address, _temp["pulled"]).ExitCode.ShouldBe(0);
        File.ReadAllText(_temp["pulled"]).ShouldBe(image);
        var sums = _temp["updates/kiosk/pc/SHA256SUMS"];
        File.WriteAllText(sums, File.ReadAllText(sums).Replace(file.Sha256.Hex, new string('0', 64), StringComparison.Ordinal));
        var refused = Run("--verify=checksum", address, _temp["refused"]);
        refused.ExitCode.ShouldNotBe(0);
        refused.Output.ShouldContain("did not check out");
    }

    private static ToolResult Run(string verify, string address, string to)
    {
        File.Exists(Pull).ShouldBeTrue("the judge systemd-pull is not installed; tests/run installs it (systemd-container)");
        return Tool.Run(Pull, "--direct", verify, "raw", address, to);
    }

    /// <summary>As sysupdate.d(5) says it: <c>@v</c> is the version, <c>%a</c> the machine's architecture.</summary>
    private static Regex MatchPattern(string pattern, string architecture) =>
        new("^" + Regex.Escape(pattern).Replace("@v", "(?<v>[A-Za-z0-9.~^-]+)", StringComparison.Ordinal).Replace("%a", architecture, StringComparison.Ordinal) + "$");

    private Task<ImmutableArray<Diagnostic>> WriteAsync(IReleaseReader reader) =>
        new UpdateFolder(reader, _temp["updates"], new RecordingReporter()).WriteAsync(SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi")), Ct);

    private string[] Names(string folder) => [.. Directory.EnumerateFiles(_temp["updates/" + folder]).Select(p => Path.GetFileName(p)).Order(StringComparer.Ordinal)];

    private static string Inode(string path) => Tool.Require("stat", "-c", "%i", path);

    private static StoredTarget Pc(string content) => ReleaseStore.Target("pc", "kiosk-pc.img.xz", content);

    private static StoredTarget Pi(string content) => ReleaseStore.Target("pi", "kiosk-pi.img.xz", content);

    /// <summary>The same releases, as over a network.</summary>
    private sealed class FarStore(IReleaseReader near) : IReleaseReader
    {
        public List<string> Opened { get; } = [];

        public Task<ImmutableArray<ReleaseVersion>> ListAsync(string image, CancellationToken ct) => near.ListAsync(image, ct);

        public async Task<IReleaseFiles?> FindAsync(string image, string? version, CancellationToken ct) =>
            await near.FindAsync(image, version, ct) is { } files ? new FarFiles(files, Opened) : null;
    }

    private sealed class FarFiles(IReleaseFiles near, List<string> opened) : IReleaseFiles
    {
        public string Location => "https://far.example/";

        public ImmutableSortedDictionary<string, long> Sizes => near.Sizes;

        public Task<Stream> OpenAsync(string name, CancellationToken ct)
        {
            if (name.EndsWith(".xz", StringComparison.Ordinal))
                opened.Add(name);
            return near.OpenAsync(name, ct);
        }
    }
}
