using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Fat;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Iso;

public sealed class IsoBootTests : IDisposable
{
    private const string BootHybrid = "/usr/lib/grub/i386-pc/boot_hybrid.img";
    private readonly TempDir _dir = new();

    private string Image => _dir["i.iso"];

    public void Dispose() => _dir.Dispose();

    private static readonly IsoOptions Hybrid = IsoJudge.Options with
    {
        Bios = new("/images/eltorito.img", IsGrub: true),
        EfiImagePath = "/images/efiboot.img",
        HasMediaCheck = true,
        Table = IsoJudge.Table with { HybridBootCode = File.ReadAllBytes(BootHybrid) },
    };

    [Fact]
    public void The_hybrid_lies_where_the_map_says()
    {
        var layout = IsoJudge.Write(Image, Tree(), Hybrid);
        Golden.Match("hybrid.map", layout.Regions().ToMap() + $"sha256 {Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Image)))}\n");
        IsoJudge.ShouldHold(Image, Patched());
    }

    [Fact]
    public void Firmware_of_both_kinds_finds_its_image_on_a_cd()
    {
        IsoJudge.Write(Image, Tree(), Hybrid);
        var report = IsoJudge.Report(Image);
        report.ShouldMatch(@"El Torito boot img :   1  BIOS  y   none  0x0000  0x00      4 +\d+");
        report.ShouldMatch(@"El Torito boot img :   2  UEFI  y   none  0x0000  0x00   1024 +\d+");
        report.ShouldContain("El Torito img path :   1  /images/eltorito.img");
        report.ShouldContain("El Torito img path :   2  /images/efiboot.img");
        report.ShouldContain("El Torito img opts :   1  boot-info-table grub2-boot-info");
        IsoJudge.Listed(Image, "-R").ShouldNotContain("/boot.cat");
    }

    [Fact]
    public void As_a_disk_it_has_healthy_partitions()
    {
        IsoJudge.Write(Image, Tree(), Hybrid);
        PartitionTableJudge.Complaints(Image).ShouldBeEmpty();
        var table = PartitionTableJudge.Read(Image);
        table.Partitions.Select(p => p.Name).ShouldBe(["ISO9660", "EFI"]);
        table.Partitions[0].FirstLba.ShouldBe(64);
        table.Partitions[1].Type.ShouldBe("C12A7328-F81F-11D2-BA4B-00A0C93EC93B", StringCompareShould.IgnoreCase);
        var start = table.Partitions[1].FirstLba * 512;
        var bytes = File.ReadAllBytes(Image);
        bytes.AsSpan((int)start, 512 << 10).SequenceEqual(Fat()).ShouldBeTrue();
        IsoJudge.Report(Image).ShouldContain("System area summary: MBR protective-msdos-label grub2-mbr cyl-align-off GPT");
        var bios = (int)ReadInt64LittleEndian(bytes.AsSpan(0x1B0)) * 512 - 2048;
        bytes.AsSpan(bios, 8).SequenceEqual(Grub().AsSpan(0, 8)).ShouldBeTrue("the boot code must find the boot image");
        Damage.FlipBit(Image, 512 + 56);
        PartitionTableJudge.Complaints(Image).ShouldNotBeEmpty();
    }

    /// <summary>The sum covers everything that matters: boot code, descriptors, directories, files, the UEFI image.</summary>
    [Fact]
    public void The_media_check_passes_and_finds_each_flipped_bit()
    {
        var layout = IsoJudge.Write(Image, Tree(), Hybrid);
        IsoJudge.PassesMediaCheck(Image).ShouldBeTrue();
        foreach (var region in layout.Regions().Where(r => !r.Name.StartsWith("backup", StringComparison.Ordinal)))
        {
            var place = region.OffsetBytes + region.LengthBytes / 2;
            Damage.FlipBit(Image, place);
            IsoJudge.PassesMediaCheck(Image).ShouldBeFalse(region.Name);
            Damage.FlipBit(Image, place);
        }
        IsoJudge.PassesMediaCheck(Image).ShouldBeTrue();
    }

    /// <summary>The same sums as the tool that others use to put them in.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2_000_000)]
    [InlineData(20_000_001)]
    public void The_media_check_is_what_implantisomd5_writes(int fileBytes)
    {
        var tree = new FileTree();
        tree.Set("/file", Ext4Trees.File(Ext4Trees.Bytes(fileBytes, 1)));
        IsoJudge.Write(Image, tree, IsoJudge.Options with { HasMediaCheck = true });
        IsoJudge.Write(_dir["plain.iso"], tree);
        IsoJudge.PassesMediaCheck(Image).ShouldBeTrue();
        Tool.Require("implantisomd5", _dir["plain.iso"]);
        // Where parts are shorter than its reads implantisomd5 leaves some out, and checkisomd5 then refuses the tool's own work.
        if (fileBytes >= 2_000_000)
            Tool.Run("cmp", Image, _dir["plain.iso"]).Output.ShouldBeEmpty();
    }

    [Fact]
    public void Without_a_table_it_is_a_cd_only()
    {
        IsoJudge.Write(Image, Tree(), Hybrid with { Table = null });
        File.ReadAllBytes(Image).AsSpan(0, 32768).ContainsAnyExcept((byte)0).ShouldBeFalse();
        IsoJudge.ShouldHold(Image, Patched());
        IsoJudge.Report(Image).ShouldContain("UEFI  y   none");
        IsoJudge.PassesMediaCheck(Image).ShouldBeTrue();
    }

    [Fact]
    public void With_uefi_alone_its_image_is_the_default_entry()
    {
        IsoJudge.Write(Image, Tree(), Hybrid with { Bios = null, Table = IsoJudge.Table });
        IsoJudge.Report(Image).ShouldMatch(@"El Torito boot img :   1  UEFI  y   none");
        IsoJudge.Report(Image).ShouldContain("System area summary: MBR protective-msdos-label cyl-align-off GPT");
    }

    [Fact]
    public void Partitions_behind_the_volume_may_change_and_the_check_still_passes()
    {
        var fat = FatLayout.Place(new FileTree(), new() { VolumeId = 7, LengthBytes = 3 << 20, Label = "KEEP" }, null).Value!;
        var guid = new Guid("00000000-0000-4000-8000-000000000004");
        var options = Hybrid with { Table = Hybrid.Table! with { Behind = [new("keep", new("0FC63DAF-8483-4772-8E79-3D69D8477DE4"), guid, new FatWriter(fat))] } };
        var layout = IsoJudge.Write(Image, Tree(), options);
        PartitionTableJudge.Complaints(Image).ShouldBeEmpty();
        var partition = PartitionTableJudge.Read(Image).Partitions[2];
        partition.Name.ShouldBe("keep");
        (partition.FirstLba % 2048).ShouldBe(0);
        Tool.Require("blkid", "-p", "-o", "value", "-s", "LABEL", "-O", $"{partition.FirstLba * 512}", Image).Trim().ShouldBe("KEEP");
        Damage.FlipBit(Image, partition.FirstLba * 512 + 1000);
        IsoJudge.PassesMediaCheck(Image).ShouldBeTrue();
        layout.LengthBytes.ShouldBe(new FileInfo(Image).Length);
    }

    [Fact]
    public void An_image_too_long_for_the_catalog_goes_to_the_end_of_the_volume()
    {
        var tree = new FileTree();
        tree.Set("/efi", Ext4Trees.SparseFile(40 << 20, [(0, 512)]));
        IsoJudge.Write(Image, tree, IsoJudge.Options with { EfiImagePath = "/efi", Table = IsoJudge.Table });
        IsoJudge.Report(Image).ShouldMatch(@"El Torito boot img :   1  UEFI  y   none  0x0000  0x00      0 +\d+");
    }

    private static FileTree Tree()
    {
        var tree = new FileTree();
        tree.Set("/images/eltorito.img", Ext4Trees.File(Grub()));
        tree.Set("/images/efiboot.img", Ext4Trees.File(Fat()));
        tree.Set("/LiveOS/squashfs.img", Ext4Trees.File(Ext4Trees.Bytes(1_000_000, 5)));
        tree.Set("/EFI/BOOT/BOOTX64.EFI", Ext4Trees.File(Ext4Trees.Bytes(5000, 6)));
        return tree;
    }

    /// <summary>The tree as the ISO has it: the boot image knows its place.</summary>
    private FileTree Patched()
    {
        var tree = Tree();
        var report = IsoJudge.Report(Image);
        var block = int.Parse(report.Split('\n').First(l => l.StartsWith("El Torito boot img :   1", StringComparison.Ordinal)).Split(' ')[^1]);
        var bytes = Grub();
        WriteInt32LittleEndian(bytes.AsSpan(8), 16);
        WriteInt32LittleEndian(bytes.AsSpan(12), block);
        WriteInt32LittleEndian(bytes.AsSpan(16), bytes.Length);
        WriteInt64LittleEndian(bytes.AsSpan(2548), block * 4 + 5);
        var sum = 0u;
        for (var i = 64; i < bytes.Length; i += 4)
            sum += ReadUInt32LittleEndian(bytes.AsSpan(i));
        WriteUInt32LittleEndian(bytes.AsSpan(20), sum);
        bytes.AsSpan(24, 40).Clear();
        tree.Set("/images/eltorito.img", Ext4Trees.File(bytes));
        return tree;
    }

    private static byte[] Grub() => Ext4Trees.Bytes(30_000, 8);

    private static byte[] Fat() => Ext4Trees.Bytes(512 << 10, 9);
}
