using System.Buffers.Binary;
using System.Text;
using Pipeline.Core.Compression;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using Made = Pipeline.Kit.Initrds;

namespace Pipeline.Engine.Building.Live.Netboot;

public sealed class NetbootFilesTests
{
    private static readonly string[] Dracut = [.. Made.DracutLive, "usr/sbin/livenetroot"];
    private static readonly LiveOptions Quick = new() { Packing = new(CompressionKind.Gzip, 1, null) };

    [Fact]
    public void A_machine_finds_all_that_it_fetches()
    {
        using var build = new LiveBuild(kind: OutputKind.Netboot) { Live = Quick, Customization = new() { KernelArguments = ["quiet"] } };

        var artifact = Build(build.Kernel(Dracut));

        artifact.Files.Select(f => f.Name).ShouldBe(["kiosk-box.ipxe", "kiosk-box.cmdline", "kiosk-box.vmlinuz", "kiosk-box.initrd.img", "kiosk-box.squashfs"]);
        foreach (var file in artifact.Files)
            (file.Size.Bytes, file.Sha256).ShouldBe((new FileInfo(file.Path).Length, Digest.Sha256(File.ReadAllBytes(file.Path))));
        File.ReadAllText(artifact.Files[0].Path).ShouldBe("""
            #!ipxe
            # Written from the manifest. base-url, where it is set before, is where the files lie, with a slash at its end.
            isset ${base-url} || set base-url ${cwduri}
            isset ${base-url} || echo This iPXE cannot tell where the script came from: set base-url and chain it again
            isset ${base-url} || exit 1
            imgfree
            kernel ${base-url}kiosk-box.vmlinuz initrd=kiosk-box.initrd.img root=live:${base-url}kiosk-box.squashfs rd.live.image rd.neednet=1 ip=dhcp rd.live.overlay.overlayfs=1 rd.live.overlay.readonly console=ttyS0 quiet
            initrd --name kiosk-box.initrd.img ${base-url}kiosk-box.initrd.img
            boot

            """);
        File.ReadAllText(artifact.Files[1].Path).ShouldBe("root=live:${base-url}kiosk-box.squashfs rd.live.image rd.neednet=1 ip=dhcp rd.live.overlay.overlayfs=1 rd.live.overlay.readonly console=ttyS0 quiet\n");
        Tool.Require("unsquashfs", "-ll", artifact.Files[4].Path).ShouldContain("/etc/machine-id");
    }

    [Fact]
    public void An_address_that_is_known_stands_everywhere()
    {
        using var build = new LiveBuild(kind: OutputKind.Netboot) { Live = Quick with { BaseUrl = "http://boot.example/kiosk/" } };

        var artifact = Build(build.Kernel(Dracut));

        File.ReadAllText(artifact.Files[0].Path).ShouldContain("\nisset ${base-url} || set base-url http://boot.example/kiosk/\n");
        File.ReadAllText(artifact.Files[1].Path).ShouldStartWith("root=live:http://boot.example/kiosk/kiosk-box.squashfs ");
    }

    [Fact]
    public void Live_boot_fetches_it_too()
    {
        using var build = new LiveBuild(kind: OutputKind.Netboot) { Live = Quick };

        File.ReadAllText(Build(build.Kernel(Made.LiveBoot)).Files[1].Path).ShouldBe("boot=live fetch=${base-url}kiosk-box.squashfs ip=dhcp console=ttyS0\n");
    }

    [Theory]
    [InlineData(CompressionKind.Zstandard, "zstd")]
    [InlineData(CompressionKind.Gzip, "gzip")]
    [InlineData(CompressionKind.Xz, "xz")]
    public void The_initrd_may_be_the_whole_system(CompressionKind compression, string tool)
    {
        using var build = new LiveBuild(kind: OutputKind.Netboot) { Live = new() { Root = LiveRootKind.Initrd, Packing = new(compression, 1, null), Exclude = ["/boot/*"] } };

        var artifact = Build(build.With("/boot/vmlinuz-6.1", "/usr/sbin/init", "/etc/motd"));

        artifact.Files.Select(f => f.Name).ShouldBe(["kiosk-box.ipxe", "kiosk-box.cmdline", "kiosk-box.vmlinuz", "kiosk-box.initrd.img"]);
        File.ReadAllText(artifact.Files[0].Path).ShouldContain("kernel ${base-url}kiosk-box.vmlinuz initrd=kiosk-box.initrd.img console=ttyS0\n");
        var listed = Tool.Require("bash", "-c", $"set -o pipefail; {tool} -dc '{artifact.Files[3].Path}' | cpio --quiet -itv");
        listed.ShouldContain(" init -> usr/sbin/init\n");
        listed.ShouldContain(" etc/motd\n");
        listed.ShouldNotContain("vmlinuz");
        if (tool == "xz")
            Tool.Require("xz", "--robot", "-l", artifact.Files[3].Path).ShouldContain("CRC32");
        Directory.EnumerateFileSystemEntries(build["out/live"]).ShouldBeEmpty("scratch is given back");
    }

    [Theory]
    [InlineData("cat", "linux/arm64")]
    [InlineData("gzip", "linux/arm64")]
    [InlineData("zstd -q", "linux/riscv64")]
    public void A_packed_kernel_is_unpacked_where_loaders_want_it_plain(string tool, string platform)
    {
        var image = Encoding.ASCII.GetBytes("MZ an Image " + new string('x', 5000));
        using var build = new LiveBuild(platform, OutputKind.Netboot) { Live = Quick };
        build.Kernel(Dracut).Set("/usr/lib/modules/6.1/vmlinuz", Made.Packed(tool, image));

        File.ReadAllBytes(Build(build).Files[2].Path).ShouldBe(image);
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("zstd -q")]
    [InlineData("xz --check=crc32")]
    public void So_is_one_that_unpacks_itself(string tool)
    {
        var image = Encoding.ASCII.GetBytes("MZ an Image " + new string('y', 5000));
        using var build = new LiveBuild("linux/arm64", OutputKind.Netboot) { Live = Quick };
        build.Kernel(Dracut).Set("/usr/lib/modules/6.1/vmlinuz", Zboot(Made.Packed(tool, image)));

        File.ReadAllBytes(Build(build).Files[2].Path).ShouldBe(image);
    }

    [Fact]
    public void A_kernel_of_a_pc_stays_as_it_is()
    {
        using var build = new LiveBuild(kind: OutputKind.Netboot) { Live = Quick };
        var packed = Made.Packed("gzip", "a bzImage never looks so"u8.ToArray());

        File.ReadAllBytes(Build(build.Kernel(Dracut).Set("/usr/lib/modules/6.1/vmlinuz", packed)).Files[2].Path).ShouldBe(packed);
    }

    [Fact]
    public void What_cannot_boot_over_the_network_is_refused()
    {
        using var deaf = new LiveBuild(kind: OutputKind.Netboot) { Live = Quick };
        Refused(deaf.Kernel(Made.DracutLive), "PL4906");

        using var bare = new LiveBuild(kind: OutputKind.Netboot) { Live = new() { Root = LiveRootKind.Initrd } };
        Refused(bare.With("/boot/vmlinuz-6.1"), "PL4912");

        using var word = new LiveBuild(kind: OutputKind.Netboot) { Live = Quick, Customization = new() { KernelArguments = ["a=${b}"] } };
        Refused(word.Kernel(Dracut), "PL4982");

        using var lz4 = new LiveBuild("linux/arm64", OutputKind.Netboot) { Live = Quick };
        Refused(lz4.Kernel(Dracut).Set("/usr/lib/modules/6.1/vmlinuz", Zboot(Made.Packed("lz4", new byte[100]))), "PL4981");

        var beyond = Zboot(new byte[10]);
        BinaryPrimitives.WriteUInt32LittleEndian(beyond.AsSpan(12), uint.MaxValue);
        using var damaged = new LiveBuild("linux/arm64", OutputKind.Netboot) { Live = Quick };
        Refused(damaged.Kernel(Dracut).Set("/usr/lib/modules/6.1/vmlinuz", beyond), "PL4981");
    }

    [Fact]
    public void Bytes_do_not_depend_on_the_cores()
    {
        var digests = new[] { 1, 3 }.Select(cores =>
        {
            using var build = new LiveBuild(kind: OutputKind.Netboot);
            build.Kernel(Dracut).With(("/usr/large", string.Concat(Enumerable.Range(0, 200_000))));
            return string.Join(' ', NetbootFiles.Build(build.Job with { Parallelism = cores }, build.Tree, build.Bag, CancellationToken.None)!.Files.Select(f => f.Sha256!.Hex));
        }).ToList();

        digests[0].ShouldBe(digests[1]);
    }

    /// <summary>The header of a kernel that is a program around its packed self: linux/drivers/firmware/efi/libstub/zboot-header.S.</summary>
    private static byte[] Zboot(byte[] payload)
    {
        var kernel = new byte[512 + payload.Length];
        "MZ\0\0zimg"u8.CopyTo(kernel);
        BinaryPrimitives.WriteUInt32LittleEndian(kernel.AsSpan(8), 512);
        BinaryPrimitives.WriteUInt32LittleEndian(kernel.AsSpan(12), (uint)payload.Length);
        "packed"u8.CopyTo(kernel.AsSpan(0x18));
        payload.CopyTo(kernel, 512);
        return kernel;
    }

    private static Artifact Build(LiveBuild build)
    {
        var artifact = NetbootFiles.Build(build.Job, build.Tree, build.Bag, CancellationToken.None);
        artifact.ShouldNotBeNull(string.Join('\n', build.Bag.ToImmutable()));
        build.Codes.ShouldBeEmpty();
        return artifact;
    }

    private static void Refused(LiveBuild build, string code)
    {
        NetbootFiles.Build(build.Job, build.Tree, build.Bag, CancellationToken.None).ShouldBeNull();
        build.Codes.ShouldBe([code]);
    }
}
