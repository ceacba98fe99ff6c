using System.Text.RegularExpressions;
using Pipeline.Core.Compression;
using Pipeline.Core.Units;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using Made = Pipeline.Kit.Initrds;

namespace Pipeline.Engine.Building.Live.Media;

public sealed class LiveDiskTests
{
    private static readonly PackingManifest Quick = new(CompressionKind.Gzip, 1, null);
    private static readonly LiveOptions Plain = new() { Packing = Quick };
    /// <summary>Partitions are as long as their content.</summary>
    private const string Ragged = "Caution: Partition 1 doesn't end on a 2048-sector boundary";

    private static readonly string[] Loaders = ["/boot/efi/EFI/debian/shimx64.efi", "/boot/efi/EFI/debian/grubx64.efi", "/boot/efi/EFI/BOOT/BOOTX64.EFI", "/boot/efi/EFI/BOOT/fbx64.efi"];

    [Fact]
    public void One_system_partition_holds_everything()
    {
        using var build = new LiveBuild { Live = Plain, Customization = new() { KernelArguments = ["quiet", "motd=a$b"] } };
        build.Kernel(Made.DracutLive).With(Loaders).With(("/etc/os-release", "ID=kiosk\nPRETTY_NAME=\"Kiosk 1\"\n"));

        var built = Build(build);

        Path.GetFileName(built.Path).ShouldBe("kiosk-box.live.img");
        var table = PartitionTableJudge.Read(built.Path);
        PartitionTableJudge.Complaints(built.Path, 512, Ragged).ShouldBeEmpty();
        table.Partitions.Select(p => (p.Name, p.Type)).ShouldBe([("C2BOOT", "C12A7328-F81F-11D2-BA4B-00A0C93EC93B")]);
        var esp = Cut(build, built, 0);
        FatJudge.Complaints(esp).ShouldBeEmpty();
        Tool.Require("mlabel", "-s", "-i", esp, "::").ShouldContain("C2BOOT");
        var files = FatJudge.CopyOut(esp);
        Golden.Match("one-partition.txt", string.Concat(files.Where(f => f.Value.Content is not null).Select(f => f.Key.EndsWith(".cfg", StringComparison.Ordinal)
            ? $"== {f.Key}\n{System.Text.Encoding.UTF8.GetString(f.Value.Content!)}"
            : $"== {f.Key}\n")));
        File.WriteAllBytes(build["root"], files["/container2boot/squashfs.img"].Content!);
        Tool.Require("unsquashfs", "-cat", build["root"], "etc/os-release").ShouldBe("ID=kiosk\nPRETTY_NAME=\"Kiosk 1\"\n");
    }

    /// <summary>Four gibibytes of holes, in a root that is not packed: FAT ends one byte below.</summary>
    [Fact]
    public void A_root_that_FAT_does_not_hold_gets_a_partition_by_itself()
    {
        using var build = new LiveBuild { Live = new() { Root = LiveRootKind.Erofs, Packing = Quick with { Erofs = Disk.Erofs.ErofsCompression.None } } };
        build.Kernel(Made.DracutLive).With(Loaders).Tree.Set("/srv/huge", Ext4Trees.SparseFile(4L << 30, [(5, 4), ((4L << 30) - 7, 7)]));

        var built = LiveDisk.Build(build.Job, build.Tree, build.Bag, CancellationToken.None)!;

        build.Codes.ShouldBe(["PL4908"], "not every dracut starts an erofs");

        var table = PartitionTableJudge.Read(built.Path);
        table.Partitions.Select(p => p.Name).ShouldBe(["C2BOOT", "root"]);
        (table.Partitions[1].SectorCount * 512).ShouldBeGreaterThan(LiveDisk.MaxFatFileBytes);
        Tool.Require("du", "-m", built.Path).Split('\t')[0].Length.ShouldBeLessThan(3, "holes must stay holes");
        Menu(Cut(build, built, 0), "/EFI/BOOT/grub.cfg").ShouldContain($"root=live:PARTUUID={table.Partitions[1].Id.ToLowerInvariant()} ");
        Tool.Require("dd", "status=none", "bs=4M", "conv=sparse", "iflag=skip_bytes,count_bytes", $"skip={table.Partitions[1].FirstLba * 512}", $"count={table.Partitions[1].SectorCount * 512}", $"if={built.Path}", $"of={build["root"]}");
        Tool.Require("dump.erofs", "--path=/srv/huge", build["root"]).ShouldContain("Size: 4294967296");
    }

    [Fact]
    public void An_mbr_names_the_volume_and_marks_it_for_a_bios()
    {
        using var build = new LiveBuild { Live = Plain with { Table = TableKind.Mbr, Label = "KIOSK" } };

        var built = Build(WithGrub(build.Kernel(Made.DracutLive).With(Loaders)));

        var table = PartitionTableJudge.Read(built.Path);
        (table.Label, table.Partitions.Single().Type, table.Partitions.Single().Flags).ShouldBe(("dos", "ef", "active"));
        PartitionTableJudge.Complaints(built.Path, 512, Ragged).ShouldBeEmpty();
        var menu = Menu(Cut(build, built, 0), "/boot/grub/grub.cfg");
        menu.ShouldContain("root=live:LABEL=KIOSK rd.live.dir=/container2boot");
        // The first sector has GRUB's code, the second its core image.
        File.ReadAllBytes(built.Path)[..0x200].AsSpan().IndexOf("GRUB "u8).ShouldBeGreaterThan(0);
        File.ReadAllBytes(built.Path)[0x200..0x400].ShouldContain(b => b != 0);
    }

    [Fact]
    public void A_bios_gets_a_partition_of_a_gpt()
    {
        using var build = new LiveBuild { Live = Plain };

        var built = Build(WithGrub(build.Kernel(Made.DracutLive)));

        PartitionTableJudge.Read(built.Path).Partitions.Select(p => p.Name).ShouldBe(["bios", "C2BOOT"]);
        File.ReadAllBytes(Cut(build, built, 0)).ShouldContain(b => b != 0);
        FatJudge.CopyOut(Cut(build, built, 1)).Keys.ShouldContain("/boot/grub/grub.cfg");
    }

    [Fact]
    public void The_root_may_have_a_partition_and_another_keeps_what_is_written()
    {
        using var build = new LiveBuild { Live = Plain with { RootPlace = LiveRootPlace.Partition, Persistence = ByteSize.MiB(16) } };

        var built = Build(build.Kernel(Made.DracutLive).With(Loaders));

        var table = PartitionTableJudge.Read(built.Path);
        table.Partitions.Select(p => p.Name).ShouldBe(["C2BOOT", "root", "persistence"]);
        var menu = Menu(Cut(build, built, 0), "/EFI/BOOT/grub.cfg");
        menu.ShouldContain($" root=live:PARTUUID={table.Partitions[1].Id.ToLowerInvariant()} rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay=PARTUUID={table.Partitions[2].Id.ToLowerInvariant()}:/overlay ");
        Tool.Require("unsquashfs", "-ll", Cut(build, built, 1)).ShouldContain("/etc/machine-id");
        var keep = Cut(build, built, 2);
        Tool.Require("e2fsck", "-fn", keep);
        Tool.Require("debugfs", "-R", "ls -p /", keep).ShouldSatisfyAllConditions(l => l.ShouldContain("/overlay/"), l => l.ShouldContain("/ovlwork/"));
        Tool.Require("dumpe2fs", "-h", keep).ShouldContain("Block count:              4096");
    }

    [Fact]
    public void Live_boot_gets_a_file_system_around_its_root()
    {
        using var build = new LiveBuild { Live = Plain with { RootPlace = LiveRootPlace.Partition, Persistence = ByteSize.MiB(8) } };

        var built = Build(build.Kernel(Made.LiveBoot).With(Loaders));

        var table = PartitionTableJudge.Read(built.Path);
        Menu(Cut(build, built, 0), "/EFI/BOOT/grub.cfg")
            .ShouldContain($" boot=live live-media=/dev/disk/by-partuuid/{table.Partitions[1].Id.ToLowerInvariant()} live-media-path=/live persistence ");
        Tool.Require("debugfs", "-R", "ls -p /live", Cut(build, built, 1)).ShouldContain("/filesystem.squashfs/");
        var keep = Cut(build, built, 2);
        Tool.Require("debugfs", "-R", "cat /persistence.conf", keep).ShouldBe("/ union\n");
        Tool.Require("dumpe2fs", "-h", keep).ShouldContain("Filesystem volume name:   persistence\n");
    }

    [Theory]
    [InlineData(TableKind.Gpt)]
    [InlineData(TableKind.Mbr)]
    public void Every_block_of_the_root_can_be_checked(TableKind kind)
    {
        using var build = new LiveBuild { Live = Plain with { Verity = true, Table = kind } };

        var built = Build(build.Kernel([.. Made.DracutLive, "usr/lib/systemd/system-generators/systemd-veritysetup-generator"]).With(Loaders));

        var table = PartitionTableJudge.Read(built.Path);
        var menu = Menu(Cut(build, built, 0), "/EFI/BOOT/grub.cfg");
        menu.ShouldContain(" root=/dev/mapper/root rootfstype=squashfs ro systemd.volatile=overlay roothash=");
        var hash = Regex.Match(menu, " roothash=([0-9a-f]{64}) ").Groups[1].Value;
        Tool.Require("veritysetup", "verify", Cut(build, built, 1), Cut(build, built, 2), hash);
        if (kind == TableKind.Gpt)
        {
            // As systemd finds them: Discoverable Partitions Specification.
            table.Partitions.Skip(1).Select(p => p.Type).ShouldBe(["4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709", "2C7357ED-EBD2-46D9-AEC1-23D437EC2BF5"]);
            string.Concat(table.Partitions.Skip(1).Select(p => p.Id.Replace("-", "", StringComparison.Ordinal))).ToLowerInvariant().ShouldBe(hash);
        }
        else
        {
            menu.ShouldContain($" systemd.verity_root_data=PARTUUID={table.Id[2..]}-02 systemd.verity_root_hash=PARTUUID={table.Id[2..]}-03 ");
        }
        var root = Cut(build, built, 1);
        Damage.FlipBit(root, 500);
        Tool.Run("veritysetup", "verify", root, Cut(build, built, 2), hash).ExitCode.ShouldNotBe(0);
    }

    /// <summary>dracut's live system is needed where something is kept, and nobody's else is known then.</summary>
    [Fact]
    public void Who_opens_a_root_behind_verity_decides_who_mounts_it()
    {
        const string generator = "usr/lib/systemd/system-generators/systemd-veritysetup-generator";
        using var kept = new LiveBuild { Live = Plain with { Verity = true, Persistence = ByteSize.MiB(8) } };
        Menu(Cut(kept, Build(kept.Kernel([.. Made.DracutLive, generator]).With(Loaders)), 0), "/EFI/BOOT/grub.cfg").ShouldContain(" root=live:/dev/mapper/root rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay=PARTUUID=");

        using var plain = new LiveBuild { Live = Plain with { Verity = true, Root = LiveRootKind.Erofs } };
        Menu(Cut(plain, Build(plain.Kernel([generator]).With(Loaders)), 0), "/EFI/BOOT/grub.cfg").ShouldContain(" root=/dev/mapper/root rootfstype=erofs ro systemd.volatile=overlay roothash=");

        using var unknown = new LiveBuild { Live = Plain with { Verity = true, Persistence = ByteSize.MiB(8) } };
        Refused(unknown.Kernel([generator]).With(Loaders), "PL4904");
    }

    [Fact]
    public void Bytes_do_not_depend_on_the_cores()
    {
        var digests = new[] { 1, 3 }.Select(cores =>
        {
            using var build = new LiveBuild { Live = new() { Persistence = ByteSize.MiB(8), Packing = new(CompressionKind.Zstandard, 3, null) } };
            WithGrub(build.Kernel(Made.DracutLive).With(Loaders)).With(("/usr/large", string.Concat(Enumerable.Range(0, 200_000))));
            using var file = File.OpenRead(LiveDisk.Build(build.Job with { Parallelism = cores }, build.Tree, build.Bag, CancellationToken.None)!.Path);
            return Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(file));
        }).ToList();

        digests[0].ShouldBe(digests[1]);
    }

    [Fact]
    public void Systemd_boot_starts_what_has_no_grub()
    {
        using var build = new LiveBuild("linux/arm64") { Live = Plain };

        var built = Build(build.Kernel(Made.DracutLive).With("/usr/lib/systemd/boot/efi/systemd-bootaa64.efi"));

        var files = FatJudge.CopyOut(Cut(build, built, 0));
        files.Keys.ShouldContain("/EFI/BOOT/BOOTAA64.EFI");
        System.Text.Encoding.UTF8.GetString(files["/loader/entries/kiosk-6.1.conf"].Content!).ShouldBe("""
            title kiosk
            version 6.1
            linux /container2boot/vmlinuz
            initrd /container2boot/initrd.img
            options root=live:PARTLABEL=C2BOOT rd.live.dir=/container2boot rd.live.image rd.live.overlay.overlayfs=1 rd.live.overlay.readonly console=ttyS0

            """);
    }

    [Fact]
    public void What_cannot_start_or_cannot_be_done_is_refused_before_anything_is_packed()
    {
        using var nothing = new LiveBuild { Live = Plain };
        Refused(nothing.Kernel(Made.DracutLive), "PL4910");

        using var verity = new LiveBuild { Live = Plain with { Verity = true } };
        Refused(verity.Kernel(Made.DracutLive).With(Loaders), "PL4906");

        using var modules = new LiveBuild { Live = Plain };
        Refused(modules.Kernel(Made.DracutLive).With("/usr/lib/grub/i386-pc/kernel.img"), "PL4067", "PL4910");
    }

    private static void Refused(LiveBuild build, params string[] codes)
    {
        LiveDisk.Build(build.Job, build.Tree, build.Bag, CancellationToken.None).ShouldBeNull();
        build.Codes.ShouldBe(codes);
        Directory.EnumerateFileSystemEntries(build["out"]).ShouldBeEmpty();
    }

    private static BuiltDisk Build(LiveBuild build)
    {
        var built = LiveDisk.Build(build.Job, build.Tree, build.Bag, CancellationToken.None);
        built.ShouldNotBeNull(string.Join('\n', build.Bag.ToImmutable()));
        build.Codes.ShouldBeEmpty();
        return built;
    }

    /// <summary>GRUB's files for a PC BIOS, as Debian has them.</summary>
    private static LiveBuild WithGrub(LiveBuild build)
    {
        foreach (var file in Directory.EnumerateFiles("/usr/lib/grub/i386-pc"))
            build.Set(file, File.ReadAllBytes(file));
        return build;
    }

    private static string Menu(string esp, string path) => System.Text.Encoding.UTF8.GetString(FatJudge.CopyOut(esp)[path].Content!);

    private static string Cut(LiveBuild build, BuiltDisk disk, int partition)
    {
        var place = PartitionTableJudge.Read(disk.Path).Partitions[partition];
        var path = build[$"part{partition}"];
        Tool.Require("dd", "status=none", "bs=512", $"skip={place.FirstLba}", $"count={place.SectorCount}", $"if={disk.Path}", $"of={path}");
        return path;
    }
}
