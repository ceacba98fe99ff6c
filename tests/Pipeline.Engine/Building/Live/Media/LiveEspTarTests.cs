using System.Security.Cryptography;
using Pipeline.Core.Compression;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using Made = Pipeline.Kit.Initrds;

namespace Pipeline.Engine.Building.Live.Media;

public sealed class LiveEspTarTests
{
    private static readonly LiveOptions Quick = new() { Packing = new(CompressionKind.Gzip, 1, null) };
    private static readonly string[] Loaders = ["/boot/efi/EFI/debian/shimx64.efi", "/boot/efi/EFI/debian/grubx64.efi"];

    [Fact]
    public void Tar_unpacks_what_a_stick_needs()
    {
        using var build = new LiveBuild(kind: OutputKind.Esp) { Live = Quick };
        var built = LiveEspTar.Build(build.Kernel(Made.DracutLive).With(Loaders).With(("/etc/large", new string('x', 3_000_000))).Job, build.Tree, build.Bag, CancellationToken.None);

        built.ShouldNotBeNull(string.Join('\n', build.Bag.ToImmutable()));
        Path.GetFileName(built.Path).ShouldBe("kiosk-box.esp.tar");
        Tool.Require("tar", "-tvf", built.Path, "--numeric-owner", "--full-time").Split('\n')[0].ShouldMatch("^drwxr-xr-x 0/0 +0 2023-11-14 22:13:20 EFI/$");
        Directory.CreateDirectory(build["esp"]);
        Tool.Require("tar", "-xf", built.Path, "-C", build["esp"]);
        var names = Directory.EnumerateFiles(build["esp"], "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(build["esp"], f)).Order(StringComparer.Ordinal);
        names.ShouldBe([
            "EFI/BOOT/BOOTX64.EFI", "EFI/BOOT/grub.cfg", "EFI/BOOT/grubx64.efi", "EFI/debian/grub.cfg", "EFI/debian/grubx64.efi", "EFI/debian/shimx64.efi",
            "container2boot/initrd.img", "container2boot/squashfs.img", "container2boot/vmlinuz",
        ]);
        File.ReadAllText(build["esp/EFI/BOOT/grub.cfg"]).ShouldContain("root=live:PARTLABEL=C2BOOT rd.live.dir=/container2boot");
        Tool.Require("unsquashfs", "-ll", build["esp/container2boot/squashfs.img"]).ShouldContain("/etc/large");
    }

    [Fact]
    public void Bytes_do_not_depend_on_the_cores()
    {
        var digests = new[] { 1, 3 }.Select(cores =>
        {
            using var build = new LiveBuild(kind: OutputKind.Esp) { Live = Quick };
            build.Kernel(Made.DracutLive).With(Loaders).With(("/usr/large", string.Concat(Enumerable.Range(0, 200_000))));
            using var file = File.OpenRead(LiveEspTar.Build(build.Job with { Parallelism = cores }, build.Tree, build.Bag, CancellationToken.None)!.Path);
            return Convert.ToHexString(SHA256.HashData(file));
        }).ToList();

        digests[0].ShouldBe(digests[1]);
    }

    [Theory]
    [InlineData(99)]
    [InlineData(100)]
    [InlineData(101)]
    [InlineData(240)]
    public void Long_names_are_whole(int length)
    {
        using var build = new LiveBuild(kind: OutputKind.Esp) { Live = Quick };
        var name = new string('n', length - 4) + ".efi";
        build.Kernel(Made.DracutLive).With(Loaders).With(($"/boot/efi/EFI/{new string('f', length)}/{name}", "long"), ($"/boot/efi/EFI/{name}", "short"));

        var tar = LiveEspTar.Build(build.Job, build.Tree, build.Bag, CancellationToken.None)!.Path;

        Tool.Require("tar", "-xOf", tar, $"EFI/{new string('f', length)}/{name}").ShouldBe("long");
        Tool.Require("bsdtar", "-xOf", tar, $"EFI/{name}").ShouldBe("short");
    }

    /// <summary>As a live disk does: the stick that the files are for is FAT.</summary>
    [Fact]
    public void A_name_that_no_stick_takes_is_refused()
    {
        using var build = new LiveBuild(kind: OutputKind.Esp) { Live = Quick };

        LiveEspTar.Build(build.Kernel(Made.DracutLive).With(Loaders).With("/boot/efi/EFI/a:b.efi").Job, build.Tree, build.Bag, CancellationToken.None).ShouldBeNull();

        build.Codes.ShouldBe(["PL4304"]);
    }

    [Fact]
    public void A_bios_starts_no_files()
    {
        using var build = new LiveBuild(kind: OutputKind.Esp) { Live = Quick };

        LiveEspTar.Build(build.Kernel(Made.DracutLive).Job, build.Tree, build.Bag, CancellationToken.None).ShouldBeNull();

        build.Codes.ShouldBe(["PL4910"]);
    }
}
