using System.Text;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Pipeline.Oci.Sources;
using Shouldly;
using Xunit;
using Made = Pipeline.Kit.Initrds;

namespace Pipeline.Engine.Building.Live;

/// <summary>Outputs of one source that have the same root pack it once, and come out as if each were alone.</summary>
public sealed class PackedRootsTests : IDisposable
{
    private static readonly string[] Dracut = [.. Made.DracutLive, "usr/sbin/livenetroot"];
    private static readonly LiveOptions Quick = new() { Packing = new(CompressionKind.Gzip, 1, null) };

    private readonly TempDir _temp = new();
    private readonly LiveBuild _build;

    public PackedRootsTests()
    {
        File.WriteAllText(_temp["note"], "from the repository");
        _build = new() { Customization = new() { Hostname = "box", Files = [new("/etc/note", _temp["note"], null, null, null, "root", "root", null), new("/etc/text", null, "hello", null, null, "root", "root", null)] } };
    }

    public void Dispose()
    {
        _build.Dispose();
        _temp.Dispose();
    }

    /// <summary>An erofs has an identifier, and media that may lie in one machine must not have the same.</summary>
    [Theory]
    [InlineData(LiveRootKind.Squashfs, 1)]
    [InlineData(LiveRootKind.Erofs, 3)]
    public async Task Outputs_are_as_if_each_were_alone(LiveRootKind kind, int expected)
    {
        OutputKind[] kinds = [OutputKind.Esp, OutputKind.Live, OutputKind.Iso];
        var targets = kinds.Select(k => Target(k, Quick with { Root = kind, Packing = kind == LiveRootKind.Squashfs ? Quick.Packing : LiveOptions.Default.Packing })).ToArray();

        var (together, packed) = await BuildAsync("together", targets);

        packed.ShouldBe(expected);
        for (var i = 0; i < targets.Length; i++)
            together[i].ShouldBe((await BuildAsync($"alone-{i}", targets[i])).Digests.Single(), $"{kinds[i]}");
    }

    [Fact]
    public async Task A_root_that_differs_is_packed_anew()
    {
        var (first, second) = (Target(OutputKind.Esp, Quick), Target(OutputKind.Netboot, Quick with { Exclude = ["/etc/text"] }));
        var third = Target(OutputKind.Live, Quick with { Exclude = ["/etc/text"], Packing = new(CompressionKind.Gzip, 2, null) });

        var (together, packed) = await BuildAsync("together", first, second, third);

        packed.ShouldBe(3);
        together[1].ShouldBe((await BuildAsync("alone", second)).Digests.Single());
    }

    [Fact]
    public async Task Scratch_is_given_back()
    {
        await BuildAsync("together", Target(OutputKind.Esp, Quick), Target(OutputKind.Netboot, Quick), Target(OutputKind.Live, Quick with { Exclude = ["/etc/text"] }));

        var live = new DirectoryInfo(_temp["together/live"]);
        (live.Exists ? live.GetFiles() : []).ShouldBeEmpty();
    }

    private Target Target(OutputKind kind, LiveOptions live) => _build.Job.Target with { Output = new(kind, OutputCompression.None, false, null) { Live = live } };

    private async Task<(string[] Digests, int Packed)> BuildAsync(string folder, params Target[] targets)
    {
        Directory.CreateDirectory(_temp[folder]);
        var reporter = new RecordingReporter();
        var builder = new ImageBuilder(new() { OpenSource = _ => new Core.Diagnostics.Result<IImageSource>(Source(), []), CacheDirectory = _temp["cache"], SourceDateEpoch = 1_700_000_000 });
        var digests = new List<string>();
        var built = await builder.BuildAsync([.. targets], new(_temp[folder], reporter), TestContext.Current.CancellationToken);
        foreach (var result in built)
        {
            result.IsOk.ShouldBeTrue(string.Join('\n', result.Diagnostics));
            digests.Add(string.Join(' ', result.Value!.Files.Select(f => $"{f.Name} {f.Sha256!.Text}")));
        }
        return ([.. digests], reporter.Lines.Count(l => l == "pack kiosk-box root"));
    }

    private static BlobSource Source()
    {
        var layer = new TarBuilder().File("usr/lib/modules/6.1/vmlinuz", "kernel").File("boot/efi/EFI/debian/shimx64.efi", "shim").File("boot/efi/EFI/debian/grubx64.efi", "grub")
            .Add(new TarItem("usr/lib/modules/6.1/initramfs.img") { Content = Made.Packed("gzip -n", Made.Cpio(Dracut)) })
            .File("usr/large", new string('x', 300_000)).HardLink("usr/same", "usr/large").SymbolicLink("usr/link", "large");
        return new BlobSource().Add(layer.ToArray());
    }
}
