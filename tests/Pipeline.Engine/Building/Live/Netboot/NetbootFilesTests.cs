using System.Buffers.Binary;
using System.Text;
using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using Made = Pipeline.Kit.Initrds;

namespace Pipeline.Engine.Building.Live.Netboot;

public sealed class NetbootFilesTests
{
    private static readonly string[] Dracut = [.. Made.DracutLive, "usr/sbin/livenetroot"];
    private const string StubPath = "/usr/lib/systemd/boot/efi/linux";
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
    public void Firmware_fetches_one_program_with_the_address_of_the_root_in_it()
    {
        var live = Quick with { BaseUrl = "http://boot.example/" };
        using var without = new LiveBuild(kind: OutputKind.Netboot) { Live = live };
        using var build = new LiveBuild(kind: OutputKind.Netboot) { Live = live with { Efi = true } };
        var plain = Build(Program(without.Kernel(Dracut)));

        var artifact = Build(Program(build.Kernel(Dracut)));

        artifact.Files[..^1].Select(f => (f.Name, f.Sha256)).ShouldBe(plain.Files.Select(f => (f.Name, f.Sha256)), "the others stay as they are");
        var (name, path) = (artifact.Files[^1].Name, artifact.Files[^1].Path);
        (name, artifact.Files[^1].Sha256).ShouldBe(("kiosk-box.efi", Digest.Sha256(File.ReadAllBytes(path))));
        Text(path, ".cmdline").ShouldBe(File.ReadAllText(artifact.Files[1].Path).TrimEnd('\n'));
        Text(path, ".cmdline").ShouldStartWith("root=live:http://boot.example/kiosk-box.squashfs rd.live.image ");
        Text(path, ".osrel").ShouldBe("ID=linux\nPRETTY_NAME=kiosk\n");
        Text(path, ".uname").ShouldBe("6.1");
        Text(path, ".linux").ShouldBe("MZ the kernel");
        ShouldHold(path, ".initrd", File.ReadAllBytes(artifact.Files[3].Path));
    }

    [Fact]
    public void The_program_may_hold_the_whole_system_and_a_device_tree()
    {
        using var build = new LiveBuild("linux/arm64", OutputKind.Netboot) { Live = new() { Root = LiveRootKind.Initrd, Packing = Quick.Packing, Efi = true, Exclude = ["/usr/lib/systemd/boot"] } };
        Program(build.With("/boot/vmlinuz-6.1", "/usr/sbin/init"), "/boot/vmlinuz-6.1").With(("/boot/dtbs/acme.dtb", "a tree"));

        var artifact = Build(build, j => j with { Target = j.Target with { Board = j.Board with { Boot = j.Board.Boot with { DeviceTree = "acme.dtb" } } } });

        var path = artifact.Files[^1].Path;
        ShouldHold(path, ".initrd", File.ReadAllBytes(artifact.Files[3].Path));
        Text(path, ".dtb").ShouldBe("a tree");
        Text(path, ".cmdline").ShouldBe("console=ttyS0");
    }

    [Theory]
    [InlineData("gzip -n", false)]
    [InlineData(null, true)]
    public void The_program_holds_a_kernel_that_firmware_can_start(string? tool, bool isAsItIs)
    {
        using var build = new LiveBuild("linux/arm64", OutputKind.Netboot) { Live = Quick with { BaseUrl = "http://boot.example/", Efi = true } };
        var image = "MZ an Image"u8.ToArray();
        var kernel = tool is null ? Zboot(Made.Packed("gzip -n", image)) : Made.Packed(tool, image);

        var artifact = Build(Program(build.Kernel(Dracut)).Set("/usr/lib/modules/6.1/vmlinuz", kernel));

        File.ReadAllBytes(artifact.Files[2].Path).ShouldBe(image);
        ShouldHold(artifact.Files[^1].Path, ".linux", isAsItIs ? kernel : image);
    }

    [Fact]
    public void What_cannot_be_a_program_is_refused()
    {
        var live = Quick with { BaseUrl = "http://boot.example/", Efi = true };
        using var bare = new LiveBuild(kind: OutputKind.Netboot) { Live = live };
        Refused(bare.Kernel(Dracut), "PL4983");

        using var damaged = new LiveBuild(kind: OutputKind.Netboot) { Live = live };
        Refused(Program(damaged.Kernel(Dracut)).With(StubPath + "x64.efi.stub"), "PL4984");

        using var old = new LiveBuild(kind: OutputKind.Netboot) { Live = live };
        Refused(Program(old.Kernel(Dracut)).With("/usr/lib/modules/6.1/vmlinuz"), "PL4986");

        using var large = new LiveBuild(kind: OutputKind.Netboot) { Live = live };
        using var system = Program(large.Kernel(Dracut)).Make();
        var program = NetbootProgram.Prepare(system.ShouldNotBeNull(), "quiet").ShouldNotBeNull();
        program.Make(default, FileContent.Sparse(null, 1 << 30, [])).ShouldBeNull();
        large.Codes.ShouldBe(["PL4985"]);
        program.Make(default, FileContent.Sparse(null, 1000, [])).ShouldNotBeNull();
    }

    [Fact]
    public void Bytes_do_not_depend_on_the_cores()
    {
        var digests = new[] { 1, 3 }.Select(cores =>
        {
            using var build = new LiveBuild(kind: OutputKind.Netboot) { Live = new() { BaseUrl = "http://boot.example/", Efi = true } };
            Program(build.Kernel(Dracut)).With(("/usr/large", string.Concat(Enumerable.Range(0, 200_000))));
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

    /// <summary>With a kernel that is a program of UEFI, and systemd's stub (that of this machine for all: nothing starts it here).</summary>
    private static LiveBuild Program(LiveBuild build, string kernel = "/usr/lib/modules/6.1/vmlinuz")
    {
        foreach (var suffix in new[] { "x64", "aa64" })
            build.Set($"{StubPath}{suffix}.efi.stub", File.ReadAllBytes(StubPath + "x64.efi.stub"));
        return build.Set(kernel, "MZ the kernel"u8.ToArray());
    }

    /// <summary>As binutils read it, which take the padding for a part of it.</summary>
    private static byte[] Section(string path, string name)
    {
        var file = $"{path}{name}";
        Tool.Require("objcopy", "-O", "binary", $"--only-section={name}", path, file);
        return File.ReadAllBytes(file);
    }

    private static void ShouldHold(string path, string name, byte[] expected)
    {
        var section = Section(path, name);
        section.AsSpan(0, expected.Length).SequenceEqual(expected).ShouldBeTrue(name);
        section.AsSpan(expected.Length).ContainsAnyExcept((byte)0).ShouldBeFalse(name);
    }

    private static string Text(string path, string name) => Encoding.UTF8.GetString(Section(path, name)).TrimEnd('\0');

    private static Artifact Build(LiveBuild build, Func<DiskJob, DiskJob>? change = null)
    {
        var artifact = NetbootFiles.Build(change is null ? build.Job : change(build.Job), build.Tree, build.Bag, CancellationToken.None);
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
