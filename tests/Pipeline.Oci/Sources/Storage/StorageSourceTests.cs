using System.Diagnostics;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Pipeline.Oci.Layers;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>Stores that skopeo and buildah make, compared entry by entry with the same image as an OCI layout.</summary>
public sealed class StorageSourceTests : IAsyncDisposable
{
    private static readonly Platform Arm64 = Platform.Of("linux", "arm64", null);
    private readonly TempDir _temp = new();
    private readonly Dictionary<string, string?> _environment = new(StringComparer.Ordinal);
    private readonly ImageSources _sources;

    public StorageSourceTests() =>
        _sources = new(new SourceOptions { CacheDirectory = _temp["cache"], Environment = name => _environment.GetValueOrDefault(name) });

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _sources.DisposeAsync();
        // The overlay driver mounts its own directory onto itself and leaves it so.
        while (Tool.Run("umount", "-l", _temp["overlay/graph/overlay"]).ExitCode == 0)
        {
        }
        // It holds directories that only their owner may enter, and names that are no text, which .NET cannot say.
        Tool.Run("chmod", "-R", "u+rwX", _temp.Path);
        Tool.Run("rm", "-rf", _temp.Path);
        _temp.Dispose();
    }

    [Theory]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task A_store_gives_the_tree_and_the_labels_that_the_layout_gives(string driver)
    {
        WriteLayout();
        Copy(driver, "localhost/box:1");

        var (stored, storedTree) = await ReadAsync(Text(driver, "localhost/box:1"));
        var (plain, plainTree) = await ReadAsync("oci:layout:box");

        storedTree.ShouldBe(plainTree);
        storedTree.ShouldContain("/lib/long" + new string('x', 150));
        stored.DiffIds.ShouldBe(plain.DiffIds);
        stored.ConfigDigest.ShouldBe(plain.ConfigDigest);
        stored.Labels["layout"].ShouldBe("none");
        stored.ManifestDigest.ShouldBe(await LookAsync(Text(driver, "localhost/box:1")));
    }

    [Fact]
    public async Task What_buildah_commits_is_read_and_umoci_agrees_on_the_layers()
    {
        WriteLayout();
        Copy("overlay", "localhost/box:1");
        string[] buildah = ["--storage-driver", "overlay", "--root", _temp["overlay/graph"], "--runroot", _temp["overlay/run"]];
        var container = Tool.Require("buildah", [.. buildah, "from", "--arch", "arm64", "localhost/box:1"]).Trim();
        File.WriteAllText(_temp["added"], "added\n");
        Tool.Require("buildah", [.. buildah, "copy", container, _temp["added"], "/etc/added"]);
        Tool.Require("buildah", [.. buildah, "commit", "-q", container, "localhost/more:2"]);
        Tool.Require("skopeo", "--insecure-policy", "copy", "-q", Text("overlay", "localhost/more:2"), $"oci:{_temp["out"]}:more");

        var (stored, storedTree) = await ReadAsync(Text("overlay", "more:2"));
        var (pushed, pushedTree) = await ReadAsync("oci:out:more");

        storedTree.ShouldBe(pushedTree);
        storedTree.ShouldContain("/etc/added 644 0:0");
        stored.DiffIds.ShouldBe(pushed.DiffIds);
        stored.DiffIds.Length.ShouldBe(3);
    }

    [Theory]
    [InlineData("overlay")]
    [InlineData("vfs")]
    public async Task A_changed_file_is_named_before_anything_is_made_of_it(string driver)
    {
        WriteLayout();
        Copy(driver, "localhost/box:1");
        // vfs keeps a copy in each layer above; only the first is the layer's own.
        var files = Tool.Require("find", _temp[$"{driver}/graph"], "-name", "motd").Split('\n', StringSplitOptions.RemoveEmptyEntries);
        void Write(string text) => Array.ForEach(files, f => File.WriteAllText(f, text));
        Write("hellO world\n");
        (await FailedUnpackAsync(Text(driver, "localhost/box:1"))).ShouldContain("its file 'etc/motd' in the container storage is not what was stored");
        Write("shorter");
        (await FailedUnpackAsync(Text(driver, "localhost/box:1"))).ShouldContain("another length");
        Array.ForEach(files, File.Delete);
        (await FailedUnpackAsync(Text(driver, "localhost/box:1"))).ShouldContain("'etc/motd' is missing");
    }

    /// <summary>Headers are in the recipe; only the layer's digest knows them.</summary>
    [Fact]
    public async Task A_changed_recipe_is_noticed()
    {
        WriteLayout();
        Copy("overlay", "localhost/box:1");
        var changed = 0;
        foreach (var recipe in Directory.EnumerateFiles(_temp["overlay/graph/overlay-layers"], "*.tar-split.gz"))
        {
            var text = Tool.Require("zcat", recipe).Split('\n');
            var line = Array.FindIndex(text, l => l.Contains("\"type\":2", StringComparison.Ordinal));
            var start = text[line].IndexOf("\"payload\":\"", StringComparison.Ordinal) + 11;
            text[line] = text[line][..start] + (text[line][start] == 'A' ? 'B' : 'A') + text[line][(start + 1)..];
            await File.WriteAllTextAsync(_temp["recipe"], string.Join('\n', text), Ct);
            Tool.Require("sh", "-c", $"gzip -n < {_temp["recipe"]} > {recipe}");
            changed++;
        }
        changed.ShouldBe(2);
        await FailedUnpackAsync(Text("overlay", "localhost/box:1"));
    }

    /// <summary>A recipe that names a file through a link of the image must not reach the host.</summary>
    [Fact]
    public async Task Names_never_leave_the_layer()
    {
        File.WriteAllText(_temp["secret"], "secret");
        Directory.CreateDirectory(_temp["files"]);
        File.CreateSymbolicLink(_temp["files/link"], _temp.Path);
        foreach (var name in new[] { "link/secret", "../secret", _temp["secret"], "link/../secret" })
        {
            await File.WriteAllTextAsync(_temp["recipe"], $"{{\"type\":1,\"name\":\"{name}\",\"size\":6}}\n", Ct);
            Tool.Require("sh", "-c", $"gzip -nf < {_temp["recipe"]} > {_temp["recipe.gz"]}");
            using var stream = new TarSplitStream(_temp["recipe.gz"], _temp["files"]);
            Should.Throw<InvalidDataException>(() => stream.ReadByte(), name).Message.ShouldContain("missing");
        }
    }

    [Theory]
    [InlineData("{")]
    [InlineData("{\"type\":2,\"payload\":\"!\"}")]
    [InlineData("{\"type\":2}")]
    [InlineData("{\"type\":1,\"size\":5}")]
    [InlineData("[1]")]
    public async Task A_recipe_of_another_form_ends_in_order(string line)
    {
        await File.WriteAllTextAsync(_temp["recipe"], line + "\n", Ct);
        Tool.Require("sh", "-c", $"gzip -nf < {_temp["recipe"]} > {_temp["recipe.gz"]}");
        using var stream = new TarSplitStream(_temp["recipe.gz"], _temp.Path);
        Should.Throw<InvalidDataException>(() => stream.ReadByte());
    }

    [Fact]
    public async Task Images_are_found_by_short_names_digests_and_ids()
    {
        WriteLayout();
        Copy("vfs", "localhost/box:1");
        Copy("vfs", "docker.io/library/box:2");
        Copy("vfs", "quay.io/team/crate:latest");
        var digest = (await LookAsync(Text("vfs", "localhost/box:1"))).Text;
        foreach (var name in new[] { "box:1", "box:2", "library/box:2", "crate", "team/crate", "quay.io/team/crate", $"box@{digest}", $"quay.io/team/crate@{digest}" })
            (await LookAsync(Text("vfs", name))).Text.ShouldBe(digest, name);
        var id = Tool.Require("buildah", "--storage-driver", "vfs", "--root", _temp["vfs/graph"], "--runroot", _temp["vfs/run"], "images", "-q", "--no-trunc").Split('\n')[0].Replace("sha256:", "", StringComparison.Ordinal);
        (await LookAsync(Text("vfs", id))).Text.ShouldBe(digest);
        (await LookAsync(Text("vfs", "@" + id[..12]))).Text.ShouldBe(digest);
        (await FailAsync(Text("vfs", "box:3"))).Message.ShouldContain("it has docker.io/library/box:2, localhost/box:1, quay.io/team/crate:latest");
        (await FailAsync(Text("vfs", "other@" + digest))).Rule.ShouldBe(StorageRules.NotFound);
        (await FailAsync("containers-storage:[overlay@/nowhere]box")).Rule.ShouldBe(StorageRules.NoStore);
        (await FailAsync("containers-storage:[relative]box")).Rule.ShouldBe(StorageRules.Reference);
        (await FailAsync("containers-storage:box@x")).Rule.ShouldBe(StorageRules.Reference);
    }

    [Fact]
    public async Task The_usual_store_is_found_by_configuration_and_by_home()
    {
        WriteLayout();
        Copy("vfs", "localhost/box:1");
        File.WriteAllText(_temp["storage.conf"], $"[storage]\n# comment\ndriver = \"vfs\"\ngraphroot = \"{_temp["vfs/graph"]}\" # here\n");
        _environment["CONTAINERS_STORAGE_CONF"] = _temp["storage.conf"];
        (await LookAsync("containers-storage:box:1")).ShouldNotBeNull();

        Directory.CreateDirectory(_temp["elsewhere"]);
        File.WriteAllText(_temp["storage.conf"], $"[storage]\ngraphroot = \"{_temp["elsewhere"]}\"\n[storage.options]\nadditionalimagestores = [\n  \"{_temp["vfs/graph"]}\",\n]\n");
        (await LookAsync("containers-storage:box:1")).ShouldNotBeNull("in a store that is only read");

        var config = StorageConfig.Read(name => name == "HOME" ? "/home/me" : null, isRoot: false);
        config.GraphRoot.ShouldBe("/home/me/.local/share/containers/storage");
        StorageConfig.Read(name => name == "XDG_DATA_HOME" ? "/data" : null, isRoot: false).GraphRoot.ShouldBe("/data/containers/storage");
        StorageConfig.Read(_ => null, isRoot: true).GraphRoot.ShouldBe("/var/lib/containers/storage");
    }

    [Fact]
    public async Task A_platform_that_is_not_the_image_s_and_a_store_with_holes_are_refused()
    {
        WriteLayout();
        Copy("vfs", "localhost/box:1");
        var source = _sources.Open(Text("vfs", "box:1"), _temp.Path, null).Value!;
        (await source.SelectAsync(Platform.Of("linux", "amd64", null), Ct)).IsOk.ShouldBeFalse();
        var layers = Directory.GetFiles(_temp["vfs/graph/vfs-layers"], "*.tar-split.gz");
        File.Delete(layers[0]);
        (await source.SelectAsync(Arm64, Ct)).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("was not stored whole");
        File.WriteAllText(_temp["vfs/graph/vfs-images/images.json"], "{\"a\":1}");
        (await FailAsync(Text("vfs", "box:1"))).Rule.ShouldBe(StorageRules.Damaged);
        Directory.Move(_temp["vfs/graph/vfs-images"], _temp["vfs/graph/btrfs-images"]);
        (await FailAsync($"containers-storage:[{_temp["vfs/graph"]}]box:1")).Rule.ShouldBe(StorageRules.Driver);
    }

    private string Text(string driver, string name) => $"containers-storage:[{driver}@{_temp[driver + "/graph"]}+{_temp[driver + "/run"]}]{name}";

    private void Copy(string driver, string name)
    {
        Directory.CreateDirectory(_temp[driver]);
        Tool.Require("skopeo", "--insecure-policy", "--override-arch", "arm64", "copy", "-q", $"oci:{_temp["layout"]}:box", Text(driver, name));
    }

    /// <summary>Two layers with what stores keep in other ways: whiteouts, opaque directories, links, names that are long or no text, holes' worth of zeroes.</summary>
    private void WriteLayout()
    {
        var writer = new OciLayoutWriter(_temp["layout"]);
        var longName = "lib/long" + new string('x', 150);
        var lower = new TarBuilder().Directory("etc").File("etc/motd", "hello world\n").File("etc/gone", "gone").Directory("opaque").File("opaque/below", "x")
            .Directory("lib").File(longName, "long").File("lib/empty", "")
            .Add(new TarItem("lib/big") { Content = [.. Enumerable.Range(0, 300_000).Select(i => (byte)(i / 700))], Mode = 0b100_111_101_101, Uid = 33, Gid = 44 })
            .Add(new TarItem("lib/alias", '1') { Link = "lib/big" })
            .Add(new TarItem("bin", '2') { Link = "lib", Mode = 0b111_111_111 })
            .Add(new TarItem("lib/odd") { RawPath = [.. "lib/"u8, 0xE9, 0xFF], Content = "odd"u8.ToArray() });
        var upper = new TarBuilder().File("etc/.wh.gone", "").Directory("opaque").File("opaque/.wh..wh..opq", "").File("opaque/above", "y").File("etc/motd2", "second");
        var layers = new[] { writer.AddLayer(lower.ToArray()), writer.AddLayer(upper.ToArray(), Packing.None) };
        writer.Tag("box", writer.AddImage("linux/arm64", layers, ("layout", "none")));
    }

    private async Task<(PlatformImage Image, string Tree)> ReadAsync(string text)
    {
        var source = _sources.Open(text, _temp.Path, null);
        source.Diagnostics.ShouldBeEmpty();
        var image = await source.Value!.SelectAsync(Arm64, Ct);
        image.Diagnostics.ShouldBeEmpty();
        var unpacked = await ImageUnpacker.UnpackAsync(source.Value, image.Value!, new() { ScratchDirectory = _temp["scratch"], VerifyDiffIds = true }, Ct);
        unpacked.Diagnostics.Where(d => d.Rule.Severity == Severity.Error).ShouldBeEmpty();
        using var tree = unpacked.Value!;
        return (image.Value!, tree.Tree.ToListing());
    }

    private async Task<string> FailedUnpackAsync(string text)
    {
        var source = _sources.Open(text, _temp.Path, null).Value!;
        var image = await source.SelectAsync(Arm64, Ct);
        var unpacked = await ImageUnpacker.UnpackAsync(source, image.Value!, new() { ScratchDirectory = _temp["scratch"] }, Ct);
        unpacked.IsOk.ShouldBeFalse();
        return string.Join('\n', unpacked.Diagnostics);
    }

    private async Task<Core.Units.Digest> LookAsync(string text)
    {
        var source = _sources.Open(text, _temp.Path, null);
        source.IsOk.ShouldBeTrue($"{text}: {string.Join('\n', source.Diagnostics)}");
        return (await source.Value!.LookAsync(Ct)).Value!;
    }

    private async Task<Diagnostic> FailAsync(string text)
    {
        var source = _sources.Open(text, _temp.Path, null);
        if (!source.IsOk)
            return source.Diagnostics.ShouldHaveSingleItem();
        return (await source.Value!.LookAsync(Ct)).Diagnostics.ShouldHaveSingleItem();
    }
}
