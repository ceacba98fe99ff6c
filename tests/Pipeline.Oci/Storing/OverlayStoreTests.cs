using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Building.Trees;
using Pipeline.Kit;
using Pipeline.Oci.Layers;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Storing;

/// <summary>A store of our own, in the eyes of skopeo, podman and the kernel. Run as root, like those who have such stores.</summary>
public sealed class OverlayStoreTests : IAsyncDisposable
{
    private const string Name = "registry.example/team/box:1";
    private static readonly IActivity Silent = SilentReporter.Instance.Begin("", null);
    private readonly TempDir _temp = new();
    private readonly ImageSources _sources;
    private OverlayStore? _store;
    private PlatformImage? _image;

    public OverlayStoreTests() => _sources = new(new SourceOptions { CacheDirectory = _temp["cache"] });

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _store?.Dispose();
        await _sources.DisposeAsync();
        // Names that are no text, which .NET cannot say.
        Tool.Run("rm", "-rf", _temp.Path);
        _temp.Dispose();
    }

    [Fact]
    public async Task Skopeo_takes_the_image_out_as_it_was_and_podman_sees_its_files()
    {
        Write();
        await MakeAsync();
        var original = await UnpackedAsync();
        using var judge = new StoreJudge(_temp["graph"]);

        var (manifest, config) = judge.Documents(Name);
        Core.Units.Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(manifest)).ShouldBe(_image!.ManifestDigest);
        Core.Units.Digest.Sha256(System.Text.Encoding.UTF8.GetBytes(config)).ShouldBe(_image.ConfigDigest);
        var export = judge.Export(Name, _temp["exported"]);
        export.ExitCode.ShouldBe(0, export.Output);
        // Each file of it is called by what it hashes to.
        foreach (var layer in _image.DiffIds)
            Tool.Require("sha256sum", Path.Combine(_temp["exported"], layer.Hex)).ShouldStartWith(layer.Hex);
        judge.Seen(Name).ShouldBe(original);
    }

    [Fact]
    public async Task A_changed_file_does_not_come_out()
    {
        Write();
        await MakeAsync();
        var file = Tool.Require("find", _temp["graph/overlay"], "-name", "motd").Trim();
        Damage.FlipBit(file, 3);
        using var judge = new StoreJudge(_temp["graph"]);

        judge.Export(Name, _temp["exported"]).ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public async Task It_is_read_by_our_own_reader_too_and_comes_out_the_same_each_time()
    {
        Write();
        await MakeAsync();
        var first = Sum();
        var plain = await UnpackedAsync();
        var stored = _sources.Open($"containers-storage:[overlay@{_temp["graph"]}]{Name}", _temp.Path, null).Value!;
        (await UnpackedAsync(stored, "again")).ShouldBe(plain);

        Tool.Require("rm", "-rf", _temp["graph"]);
        _store!.Dispose();
        await MakeAsync();
        Sum().ShouldBe(first);
    }

    /// <summary>One directory alone cannot say these: a link to a file of a lower layer, and folders that the upper layer does not name.</summary>
    [Fact]
    public async Task What_lower_layers_say_is_kept_where_an_upper_one_is_silent()
    {
        var writer = new OciLayoutWriter(_temp["layout"]);
        var lower = new TarBuilder().Add(new TarItem("srv", '5') { Mode = 0b111_000_000, Uid = 7, Gid = 8 }).File("srv/data", "data").Directory("gone").File("gone/a", "a").File("old", "old");
        var upper = new TarBuilder().HardLink("srv/alias", "srv/data").File("gone/.wh.a", "").Whiteout("old").Directory("old").File("old/new", "new");
        writer.Tag("box", writer.AddImage("linux/amd64", [writer.AddLayer(lower.ToArray()), writer.AddLayer(upper.ToArray(), Packing.Zstd)]));
        await MakeAsync();
        using var judge = new StoreJudge(_temp["graph"]);

        var seen = judge.Seen(Name);
        seen.ShouldContain("srv d 700 7:8");
        seen.ShouldContain("srv/alias f 644 0:0");
        seen.ShouldContain("old/new f");
        seen.ShouldNotContain("gone/a ");
        judge.Export(Name, _temp["exported"]).ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task A_layer_that_is_not_what_it_says_is_refused()
    {
        var writer = new OciLayoutWriter(_temp["layout"]);
        var layer = writer.AddLayer(("etc/motd", "hello"));
        writer.Tag("box", writer.AddImage("linux/amd64", [layer with { DiffId = Core.Units.Digest.Sha256("else"u8.ToArray()) }]));

        (await TryAsync()).Select(d => d.Rule).ShouldBe([LayerRules.DiffIdMismatch]);
    }

    private string Sum() => Tool.Require("bash", "-c", $"cd {_temp["graph"]} && tar --xattrs --pax-option=delete=atime,delete=ctime --sort=name -c . | sha256sum");

    private async Task MakeAsync()
    {
        (await TryAsync()).ShouldBeEmpty();
        TreeWriter.Write(_store!.Tree, _temp.Path, "graph", Silent, Ct).ShouldBeEmpty("run it as root");
    }

    private async Task<IReadOnlyList<Diagnostic>> TryAsync()
    {
        var source = Layout();
        _image = (await source.SelectAsync(Platform.Of("linux", "amd64", null), Ct)).Value!;
        var bag = new DiagnosticBag();
        using var blobs = await ImageBlobs.FetchAsync(source, _image, _temp["scratch"], Ct);
        _store = OverlayStore.Make(new(Name, _image, blobs), new(_temp["scratch"], new(1_700_000_000)), bag, Ct);
        return bag.ToImmutable();
    }

    private IImageSource Layout() => _sources.Open("oci:layout:box", _temp.Path, null).Value!;

    private Task<string> UnpackedAsync() => UnpackedAsync(Layout(), "plain");

    private async Task<string> UnpackedAsync(IImageSource source, string name)
    {
        var image = (await source.SelectAsync(Platform.Of("linux", "amd64", null), Ct)).Value!;
        using var unpacked = (await ImageUnpacker.UnpackAsync(source, image, new() { ScratchDirectory = _temp["scratch"], VerifyDiffIds = true }, Ct)).Value!;
        TreeWriter.Write(unpacked.Tree, _temp.Path, name, Silent, Ct).ShouldBeEmpty();
        return StoreJudge.Listing(_temp[name]);
    }

    /// <summary>Whiteouts, an opaque directory, links, names that are long or no text, a sparse file, a name twice, and a tar that is padded.</summary>
    private void Write()
    {
        var writer = new OciLayoutWriter(_temp["layout"]);
        var big = Enumerable.Range(0, 3_000_000).Select(i => (byte)(i / 700)).ToArray();
        var sparse = new byte[1 << 20];
        big.AsSpan(0, 4096).CopyTo(sparse.AsSpan(500_000 / 512 * 512));
        var lower = new TarBuilder().Directory(".").Directory("etc").File("etc/motd", "hello world\n").File("etc/gone", "gone").Directory("opaque").File("opaque/below", "x")
            .Directory("lib").File("lib/long" + new string('x', 150), "long").File("lib/empty", "").File("etc/twice", "first").File("etc/twice", "second, and longer")
            .Add(new TarItem("lib/big") { Content = big, Mode = 0b100_111_101_101, Uid = 33, Gid = 44 })
            .HardLink("lib/alias", "lib/big").SymbolicLink("bin", "lib").File("bin/through", "a link")
            .Sparse(SparseForm.Pax10, new TarItem("lib/sparse"), sparse, [(500_000 / 512 * 512, 4096)])
            .Add(new TarItem("lib/cap") { Content = "c"u8.ToArray(), Xattrs = [("user.note", "hi"u8.ToArray())] })
            .Add(new TarItem("lib/odd") { RawPath = [.. "lib/"u8, 0xE9, 0xFF], Content = "odd"u8.ToArray() });
        var upper = new TarBuilder().File("etc/.wh.gone", "").Directory("opaque").Opaque("opaque").File("opaque/above", "y").File("etc/motd2", "second");
        var layers = new[] { writer.AddLayer([.. lower.ToArray(), .. new byte[8192]]), writer.AddLayer(upper.ToArray(), Packing.None), writer.AddLayer(("top", "top")) };
        writer.Tag("box", writer.AddImage("linux/amd64", layers));
    }
}
