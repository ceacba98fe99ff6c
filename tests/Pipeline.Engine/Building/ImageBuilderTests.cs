using System.Collections.Immutable;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Pipeline.Oci.Layers;
using Pipeline.Oci.Sources;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building;

public sealed class ImageBuilderTests : IDisposable
{
    private const long Epoch = 1_700_000_000;

    /// <summary>What the engine adds to a tree that nobody customises.</summary>
    private static readonly string[] Made = ["/proc", "/run", "/sys", "/tmp"];

    private readonly TempDir _temp = new();

    public ImageBuilderTests() => Directory.CreateDirectory(_temp["out"]);

    /// <summary>Every case of layers, through the whole engine into a disk, against what an independent unpacker (umoci, as root) makes of it.</summary>
    [Fact]
    public async Task The_torture_image_comes_out_of_the_disk_as_umoci_unpacks_it()
    {
        var (source, theirs) = Torture();
        using var disk = RootDisk();

        var built = (await BuildAsync(source, disk.Target)).Single();

        built.IsOk.ShouldBeTrue(string.Join('\n', built.Diagnostics));
        var root = built.Value!.Map.Single(r => r.Name == "partition 1 root");
        Tool.Require("dd", "status=none", "conv=sparse", "bs=4096", $"skip={root.OffsetBytes / 4096}", $"count={root.LengthBytes / 4096}", $"if={built.Value.Files[0].Path}", $"of={_temp["root.img"]}");
        Tool.Require("truncate", "-s", $"{root.LengthBytes}", _temp["root.img"]);
        E2fs.ShouldBeClean(_temp["root.img"]);
        Normal(Read(_temp["root.img"])).ShouldBe(Normal(theirs));
        // Holes are not in umoci's tree: SEEK_DATA must show the runs of the layers.
        using var unpacked = await Unpacked.CreateAsync(source);
        foreach (var path in Made)
            ((DirectoryNode)unpacked.Tree.EnsureDirectory(path, new(Epoch))).Permissions = (ushort)(path == "/tmp" ? 0b001_111_111_111 : 0b111_101_101);
        KernelMount.ShouldHold(_temp["root.img"], unpacked.Tree);
    }

    [Fact]
    public async Task The_comparison_sees_one_changed_mode()
    {
        var source = new BlobSource().Add(new TarBuilder().File("a", "a").File("b", "b", 0b110_100_101).ToArray());
        using var disk = RootDisk();
        var built = (await BuildAsync(source, disk.Target)).Single().Value!;
        Tool.Require("dd", "status=none", "bs=1M", "skip=1", $"if={built.Files[0].Path}", $"of={_temp["root.img"]}");

        Normal(Read(_temp["root.img"])).ShouldContain("/b 645 0:0");
    }

    [Fact]
    public async Task Boards_of_one_source_do_not_touch_each_other()
    {
        var source = new BlobSource().Add(new TarBuilder().File("etc/hostname", "source\n").ToArray());
        using var disk = RootDisk();
        var first = disk.Target with { Image = disk.Target.Image with { Customization = new() { Hostname = "first" } } };
        var second = disk.Target with { Board = disk.Board with { Name = "second" } };

        var both = await BuildAsync(source, first, second);
        var alone = (await BuildAsync(source, second)).Single();

        both.Length.ShouldBe(2);
        Hash(both[1]).ShouldBe(Hash(alone));
        Hash(both[0]).ShouldNotBe(Hash(alone));
    }

    [Fact]
    public async Task One_board_that_is_too_small_fails_alone_and_says_so_once()
    {
        var source = new BlobSource().Add(new TarBuilder().File("big", new string('x', 3 << 20)).ToArray());
        using var disk = RootDisk();
        using var small = new DiskBuild("{method: none}", "{name: root, type: root, filesystem: {type: ext4}, size: 1MiB, mount: /}");

        var results = await BuildAsync(source, disk.Target, small.Target with { Board = small.Board with { Name = "small" } });

        results[0].IsOk.ShouldBeTrue();
        results[1].IsOk.ShouldBeFalse();
        results[1].Diagnostics.Distinct().Count().ShouldBe(results[1].Diagnostics.Length);
        File.Exists(_temp["out/kiosk-small.img"]).ShouldBeFalse();
    }

    [Fact]
    public async Task A_system_for_another_machine_stops_every_board()
    {
        var source = new BlobSource().Add(new TarBuilder().Add(new TarItem("bin/sh") { Content = ElfBuilder.Create(183), Mode = 0b111_101_101 }).ToArray());
        using var disk = RootDisk();

        var results = await BuildAsync(source, disk.Target, disk.Target);

        results.Select(r => r.Diagnostics.Single().Rule.Code).ShouldBe(["PL4021", "PL4021"]);
        Directory.EnumerateFiles(_temp["out"], "*.img").ShouldBeEmpty();
    }

    [Fact]
    public async Task A_blob_comes_out_of_another_image_which_boards_share()
    {
        var source = new BlobSource().Add(new TarBuilder().File("a", "a").ToArray());
        var firmware = new BlobSource().Add(new TarBuilder().File("fw/loader.bin", "the loader").ToArray());
        using var disk = BlobDisk();
        var target = disk.Target with { BlobImages = [new(0, firmware.ToImage())] };
        var opened = new List<string>();
        var builder = new ImageBuilder(new()
        {
            OpenSource = s => { opened.Add(s.Text); return new Result<IImageSource>(s.Text == "firmware:1" ? firmware : source, []); },
            CacheDirectory = _temp["cache"], SourceDateEpoch = Epoch,
        });

        var results = await builder.BuildAsync([target, target with { Board = target.Board with { Name = "second" } }], new(_temp["out"], SilentReporter.Instance), TestContext.Current.CancellationToken);

        opened.ShouldBe(["tar:x", "firmware:1"]);
        foreach (var result in results)
        {
            result.IsOk.ShouldBeTrue(string.Join('\n', result.Diagnostics));
            File.ReadAllBytes(result.Value!.Files[0].Path).AsSpan(32 << 10, 11).ToArray().ShouldBe("the loader\0"u8.ToArray());
        }
    }

    [Fact]
    public async Task An_image_of_a_blob_that_moved_since_the_plan_is_not_built()
    {
        var source = new BlobSource().Add(new TarBuilder().File("fw/loader.bin", "a").ToArray());
        using var disk = BlobDisk();
        var planned = source.ToImage() with { ManifestDigest = Core.Units.Digest.Sha256([1]) };

        var result = (await BuildAsync(source, disk.Target with { BlobImages = [new(0, planned)] })).Single();

        result.Diagnostics.Single(d => d.Rule.Severity == Severity.Error).ToString().ShouldStartWith("box.yaml:6:34: error PL4051:");
    }

    private static DiskBuild BlobDisk()
    {
        var disk = new DiskBuild("{method: none}", "{name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /}", blobs: "[{name: fw, from: {image: 'registry.example/x:1', path: /fw/*.bin}, offset: 32KiB}]");
        var blob = disk.Board.Blobs[0];
        disk.Board = disk.Board with { Blobs = [blob with { Image = blob.Image! with { Source = blob.Image.Source with { Text = "firmware:1" } } }] };
        return disk;
    }

    [Fact]
    public async Task A_source_that_moved_since_the_plan_is_not_built()
    {
        var source = new BlobSource().Add(new TarBuilder().File("a", "a").ToArray());
        using var disk = RootDisk();
        var planned = source.ToImage() with { ManifestDigest = Core.Units.Digest.Sha256([1]) };

        var result = (await BuildAsync(source, disk.Target with { Resolved = new ResolvedImage(planned) })).Single();

        result.Diagnostics.Single().Rule.Code.ShouldBe("PL4051");
    }

    [Fact]
    public async Task A_build_that_is_cancelled_leaves_no_image()
    {
        var source = new BlobSource().Add(new TarBuilder().File("a", "a").ToArray());
        using var disk = RootDisk();
        using var cancel = new CancellationTokenSource();
        var builder = Builder(source);
        var reporter = new CancellingReporter("write ", cancel);

        await Should.ThrowAsync<OperationCanceledException>(builder.BuildAsync([disk.Target], new(_temp["out"], reporter), cancel.Token));

        Directory.EnumerateFiles(_temp["out"], "*.img*").ShouldBeEmpty();
    }

    public void Dispose() => _temp.Dispose();

    private static DiskBuild RootDisk() => new("{method: none}", "{name: root, type: root, filesystem: {type: ext4}, size: rest, mount: /}")
    {
        Customization = new() { Fstab = FstabPolicy.Keep, ResetMachineId = false, GrowOnFirstBoot = false },
    };

    private (BlobSource Source, string Theirs) Torture()
    {
        byte[][] upper = [TortureTests.Middle(), TortureTests.Upper(), TortureTests.RealTar(_temp)];
        // umoci refuses the old GNU form of sparse files; it gets the same files in the newest form.
        var theirs = TortureTests.Umoci(_temp, [TortureTests.Lower(SparseForm.Pax10), .. upper]);
        var source = new BlobSource();
        foreach (var layer in upper.Prepend(TortureTests.Lower(SparseForm.OldGnu)))
            source.Add(layer, CompressionKind.Gzip);
        return (source, theirs);
    }

    private Task<ImmutableArray<Result<Artifact>>> BuildAsync(IImageSource source, params Target[] targets) =>
        Builder(source).BuildAsync([.. targets], new(_temp["out"], SilentReporter.Instance), TestContext.Current.CancellationToken);

    private ImageBuilder Builder(IImageSource source) => new(new()
    {
        OpenSource = _ => new Result<IImageSource>(source, []),
        CacheDirectory = _temp["cache"],
        SourceDateEpoch = Epoch,
    });

    private static string Hash(Result<Artifact> result) => result.Value!.Files[0].Sha256!.Text;

    private string Read(string image)
    {
        Directory.CreateDirectory(_temp["mount"]);
        Tool.Require("mount", "-t", "ext4", "-o", "loop,ro", image, _temp["mount"]);
        try
        {
            return HostListing.Create(_temp["mount"]);
        }
        finally
        {
            Tool.Require("umount", _temp["mount"]);
        }
    }

    /// <summary>Without what the engine adds; the blocks of a directory are nobody's business.</summary>
    private static string Normal(string listing) =>
        string.Join('\n', listing.Split('\n').Where(l => !Made.Append("/lost+found").Any(m => l.StartsWith(m + " ", StringComparison.Ordinal))));

    /// <summary>Cancels when a piece of work begins.</summary>
    private sealed class CancellingReporter(string label, CancellationTokenSource cancel) : IReporter
    {
        public void Diagnose(Diagnostic diagnostic)
        {
        }

        public void Announce(string line)
        {
        }

        public IActivity Begin(string begun, long? totalBytes)
        {
            if (begun.StartsWith(label, StringComparison.Ordinal))
                cancel.Cancel();
            return SilentReporter.Instance.Begin(begun, totalBytes);
        }
    }
}
