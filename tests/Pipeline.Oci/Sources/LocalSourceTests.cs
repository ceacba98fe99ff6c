using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Kit;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Sources;

/// <summary>Layouts, archives and plain tars, as this kit and as skopeo write them.</summary>
public sealed class LocalSourceTests : IAsyncDisposable
{
    private static readonly Platform Arm64 = Platform.Of("linux", "arm64", null);
    private static readonly byte[] Tar = OciLayoutWriter.TarOf(("hello", "world"));
    private readonly TempDir _temp = new();
    private readonly ImageSources _sources;
    private readonly OciLayoutWriter _layout;

    public LocalSourceTests()
    {
        _sources = new(new SourceOptions { CacheDirectory = _temp["cache"], Environment = _ => null });
        _layout = new OciLayoutWriter(_temp["layout"]);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _sources.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task A_layout_is_read_with_and_without_a_name()
    {
        var image = Image("linux/arm64");
        _layout.Tag("a:1", image);
        (await SelectAsync("oci:layout")).ManifestDigest.ShouldBe(image.Digest);
        _layout.Tag("b", Image("linux/amd64"));
        (await SelectAsync("oci:layout:a:1")).ManifestDigest.ShouldBe(image.Digest);
        (await FailAsync("oci:layout")).Message.ShouldContain("name one of: a:1, b");
        (await FailAsync("oci:layout:c")).Rule.ShouldBe(SourceRules.NameNotFound);
        (await FailAsync("oci:layout:b")).Message.ShouldContain("says it is for linux/amd64, but linux/arm64 was asked for");
    }

    [Fact]
    public async Task Nested_indexes_are_followed_and_the_first_match_wins()
    {
        var (first, second) = (Image("linux/arm64"), Image("linux/arm64", ("n", "2")));
        var inner = _layout.AddIndex([("linux/arm64/v8", first), ("linux/arm64", second)], hasAttestations: true);
        _layout.Tag(null, _layout.AddIndex([("linux/amd64", Image("linux/amd64")), ("", inner)]));
        (await SelectAsync("oci:layout")).ManifestDigest.ShouldBe(first.Digest);
        var deep = inner;
        for (var i = 0; i < 6; i++)
            deep = _layout.AddIndex([("", deep)]);
        _layout.Tag("deep", deep);
        (await FailAsync("oci:layout:deep")).Rule.ShouldBe(DocumentRules.TooDeep);
    }

    [Theory]
    [InlineData("linux/arm/v7", "linux/arm/v6 linux/arm/v5", "linux/arm/v6")]
    [InlineData("linux/arm/v6", "linux/arm/v7 linux/arm/v5", "linux/arm/v5")]
    [InlineData("linux/arm/v6", "linux/arm/v7 linux/arm", null)]
    [InlineData("linux/arm64", "linux/arm/v7", null)]
    [InlineData("linux/amd64", "linux/386", null)]
    [InlineData("linux/amd64/v3", "linux/amd64 linux/amd64/v2", "linux/amd64/v2")]
    [InlineData("linux/arm64", "linux/arm64/v7", null)]
    public async Task The_best_variant_is_chosen_or_none(string asked, string offered, string? chosen)
    {
        _layout.Tag(null, _layout.AddIndex(offered.Split(' ').Select(p => (p, Image(p)))));
        var image = await Open("oci:layout").SelectAsync(Platform.Parse(asked, null).Value!, Ct);
        if (chosen is not null)
            image.Value!.Platform.ToString().ShouldBe(chosen);
        else
            image.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(DocumentRules.PlatformNotOffered);
    }

    [Fact]
    public async Task An_index_entry_without_a_platform_is_asked_for_its_configuration()
    {
        var wanted = Image("linux/arm64");
        _layout.Tag(null, _layout.AddIndex([("", Image("linux/amd64")), ("", wanted)]));
        (await SelectAsync("oci:layout")).ManifestDigest.ShouldBe(wanted.Digest);
    }

    [Fact]
    public async Task A_variant_left_out_of_the_configuration_is_taken_from_the_index()
    {
        _layout.Tag(null, _layout.AddIndex([("linux/arm/v6", Image("linux/arm"))]));
        var image = await Open("oci:layout").SelectAsync(Platform.Of("linux", "arm", "v6"), Ct);
        image.Value!.Platform.ToString().ShouldBe("linux/arm/v6");
    }

    [Fact]
    public async Task Damage_and_loss_are_named()
    {
        var image = Image("linux/arm64");
        _layout.Tag(null, image);
        Damage.FlipBit(_layout.BlobPath(image.Digest), 5);
        (await FailAsync("oci:layout")).Rule.ShouldBe(DocumentRules.DigestMismatch);
        File.Delete(_layout.BlobPath(image.Digest));
        (await FailAsync("oci:layout")).Rule.ShouldBe(SourceRules.BlobMissing);
        File.Delete(_temp["layout/oci-layout"]);
        (await FailAsync("oci:layout")).Rule.ShouldBe(SourceRules.NotALayout);
    }

    [Fact]
    public async Task Layers_and_diff_ids_must_be_as_many_and_layers_must_be_files()
    {
        var layer = _layout.AddLayer(Tar);
        var config = _layout.AddJson(MediaTypes.OciConfig, new()
        {
            ["os"] = "linux", ["architecture"] = "arm64", ["rootfs"] = new System.Text.Json.Nodes.JsonObject { ["diff_ids"] = new System.Text.Json.Nodes.JsonArray() },
        });
        _layout.Tag("count", _layout.AddManifest(config, [layer.Descriptor]));
        (await FailAsync("oci:layout:count")).Rule.ShouldBe(DocumentRules.LayerCount);
        _layout.Tag("artifact", _layout.AddManifest(config, [layer.Descriptor with { MediaType = "application/spdx+json" }]));
        (await FailAsync("oci:layout:artifact")).Message.ShouldContain("application/spdx+json");
    }

    [Theory]
    [InlineData(Packing.None)]
    [InlineData(Packing.Gzip)]
    [InlineData(Packing.Zstd)]
    public async Task An_archive_is_read_in_place(Packing packing)
    {
        _layout.Tag("x", Image("linux/arm64"));
        _layout.ToArchive(_temp["image.tar"], packing);
        await CheckArchiveAsync("oci-archive:image.tar:x", packing == Packing.None ? _temp["image.tar"] : null);
        await CheckArchiveAsync("oci-archive:image.tar", packing == Packing.None ? _temp["image.tar"] : null);
    }

    [Theory]
    [InlineData("oci-archive")]
    [InlineData("docker-archive")]
    public async Task What_skopeo_saved_is_read(string scheme)
    {
        _layout.Tag("x", Image("linux/arm64"));
        var name = scheme == "docker-archive" ? "docker.io/library/hello:1" : "1";
        Tool.Require("skopeo", "copy", "--override-arch", "arm64", $"oci:{_temp["layout"]}:x", $"{scheme}:{_temp["saved.tar"]}:{name}");
        await CheckArchiveAsync($"{scheme}:saved.tar", _temp["saved.tar"]);
        await CheckArchiveAsync($"{scheme}:saved.tar:{(scheme == "docker-archive" ? "hello:1" : "1")}", _temp["saved.tar"]);
        (await FailAsync($"{scheme}:saved.tar:other")).Rule.ShouldBe(SourceRules.NameNotFound);
    }

    [Theory]
    [InlineData(Packing.None)]
    [InlineData(Packing.Gzip)]
    [InlineData(Packing.Zstd)]
    public async Task A_plain_tar_is_one_layer_and_hashed_once(Packing packing)
    {
        File.WriteAllBytes(_temp["root.tar"], OciLayoutWriter.Pack(Tar, packing));
        var image = await SelectAsync("tar:root.tar");
        image.LookDigest.ShouldBe(Digest.Sha256(File.ReadAllBytes(_temp["root.tar"])));
        image.DiffIds.ShouldHaveSingleItem().ShouldBe(Digest.Sha256(Tar));
        image.Platform.ShouldBe(Arm64);
        Damage.FlipBit(_temp["root.tar"], 1000 % new FileInfo(_temp["root.tar"]).Length);
        if (packing == Packing.None)
            (await SelectAsync("tar:root.tar")).LookDigest.ShouldNotBe(image.LookDigest);
    }

    [Theory]
    [InlineData("tar:none.tar", "PL2080")]
    [InlineData("oci:none", "PL2080")]
    [InlineData("oci-archive:none:x", "PL2080")]
    [InlineData("oic:./x", "PL2004")]
    [InlineData("oci-archiv:x", "PL2004")]
    [InlineData("dir:/x", "PL2004")]
    [InlineData("docker-daemon:x", "PL2005")]
    [InlineData("docker-daemon:x:1", "PL2005")]
    [InlineData("debian:12", "PL2002")]
    public void A_mistake_in_the_text_is_said_at_its_place(string text, string code)
    {
        var diagnostic = _sources.Open(text, _temp.Path, new("image.yaml", 4, 2)).Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.Code.ShouldBe(code);
        diagnostic.Span!.Line.ShouldBe(4);
    }

    /// <summary>Such as what a shell makes of <c>tar:&lt;(docker export box)</c>. Whoever opens one waits until somebody writes into it.</summary>
    [Theory]
    [InlineData("tar:pipe")]
    [InlineData("oci-archive:pipe")]
    [InlineData("docker-archive:pipe:box:1")]
    public void A_pipe_is_refused_before_it_is_opened(string text)
    {
        Tool.Require("mkfifo", _temp["pipe"]);
        var diagnostic = _sources.Open(text, _temp.Path, new("image.yaml", 4, 2)).Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.ShouldBe(SourceRules.NotAFile);
        diagnostic.Message.ShouldStartWith("'pipe");
        diagnostic.Message.ShouldContain("is a pipe");
    }

    [Fact]
    public async Task A_file_that_is_no_archive_is_said_so()
    {
        File.WriteAllText(_temp["odd"], new string('x', 5000));
        (await FailAsync("oci-archive:odd")).Rule.ShouldBe(SourceRules.NotALayout);
        File.WriteAllBytes(_temp["odd"], [.. "BZh91AY&SY"u8, .. Tar]);
        (await FailAsync("docker-archive:odd")).Rule.ShouldBe(SourceRules.Compression);
    }

    private async Task CheckArchiveAsync(string text, string? inside)
    {
        var source = Open(text);
        var image = await source.SelectAsync(Arm64, Ct);
        image.Diagnostics.ShouldBeEmpty();
        image.Value!.DiffIds.ShouldHaveSingleItem().ShouldBe(Digest.Sha256(Tar));
        var layer = image.Value.Layers[0];
        var local = source.FindLocal(layer).ShouldNotBeNull();
        if (inside is not null)
            local.Path.ShouldBe(inside);
        await using var stream = await source.OpenUnverifiedAsync(layer, Ct);
        using var bytes = new MemoryStream();
        await stream.CopyToAsync(bytes, Ct);
        Digest.Sha256(bytes.ToArray()).ShouldBe(layer.Digest);
        bytes.Length.ShouldBe(layer.SizeBytes);
    }

    private Descriptor Image(string platform, params (string, string)[] labels) => _layout.AddImage(platform, [_layout.AddLayer(Tar)], labels);

    private IImageSource Open(string text) => _sources.Open(text, _temp.Path, null).Value!;

    private async Task<PlatformImage> SelectAsync(string text)
    {
        var image = await Open(text).SelectAsync(Arm64, Ct);
        image.Diagnostics.ShouldBeEmpty();
        return image.Value!;
    }

    private async Task<Diagnostic> FailAsync(string text) => (await Open(text).SelectAsync(Arm64, Ct)).Diagnostics.ShouldHaveSingleItem();
}
