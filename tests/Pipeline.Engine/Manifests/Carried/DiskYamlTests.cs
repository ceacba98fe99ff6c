using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Carried;

public sealed class DiskYamlTests
{
    private const string Good = """
        mount_configuration: units
        partition_table:
          type: gpt
          uuid: D209C89E-EA5E-4FBD-B161-B461CCE297E0
          size: 10 GiB
          start_offset: 8 MiB
          partitions:
            - size: 1 MiB
              type: 21686148-6449-6E6F-744E-656564454649
              bootable: true
            - start: 12345
              size: "501 MiB"
              type: c12a7328-f81f-11d2-ba4b-00a0c93ec93b
              label: EFI
              payload_type: filesystem
              payload: {type: vfat, uuid: 7B77-95E7, mountpoint: /boot/efi, label: ESP, fstab_options: "umask=0077", fstab_freq: 0, fstab_passno: 2, mkfs_options: {geometry: {heads: 16, sectors_per_track: 63}}}
            - size: 4194304
              type: 8da63339-0007-60c0-c436-083ac8230908
              attrs: [0]
              payload_type: raw
              payload: {source_path: /usr/lib/u-boot/u-boot.itb}
            - size: 2 GiB
              type: 0fc63daf-8483-4772-8e79-3d69d8477de4
              uuid: 6264D520-3FB9-423F-8AB8-7A0A8E3D3562
              attrs: [59]
              payload_type: filesystem
              payload: {type: ext4, label: root, mountpoint: /}
        """;

    [Fact]
    public void Everything_that_can_be_written_is_read()
    {
        var board = Read(Good).Value.ShouldNotBeNull();
        board.ShouldSatisfyAllConditions(
            b => b.DiskSize!.Value.Bytes.ShouldBe(10L << 30),
            b => b.Table.Id.ShouldBe("d209c89e-ea5e-4fbd-b161-b461cce297e0"),
            b => b.Origin.ShouldBe(LayoutOrigin.ContainerTree),
            b => b.IsUnread.ShouldBeFalse(),
            b => b.Partitions.Select(p => p.Size?.Bytes).ShouldBe([1 << 20, 501L << 20, 4 << 20, 2L << 30]));
        board.Partitions[0].ShouldSatisfyAllConditions(p => p.Offset!.Value.Bytes.ShouldBe(9 << 20), p => p.Flags.GptAttributes.ShouldBe(4UL));
        board.Partitions[1].ShouldSatisfyAllConditions(
            p => p.Name.ShouldBe("EFI"), p => p.FileSystem.Id.ShouldBe("7b7795e7"), p => p.FileSystem.Label.ShouldBe("ESP"), p => p.FileSystem.Heads.ShouldBe(16),
            p => p.Span!.File.ShouldBe("(container)/usr/lib/image-builder/bootc/disk.yaml"));
        board.Partitions[2].ShouldSatisfyAllConditions(p => p.RawContent.ShouldBe("/usr/lib/u-boot/u-boot.itb"), p => p.Flags.GptAttributes.ShouldBe(1UL));
        board.Partitions[3].ShouldSatisfyAllConditions(
            p => p.SizeRule.ShouldBe(SizeRule.Rest), p => p.Id.ShouldBe("6264d520-3fb9-423f-8ab8-7a0a8e3d3562"), p => p.Flags.Grow.ShouldBeTrue());
    }

    [Fact]
    public void An_mbr_has_its_own_numbers()
    {
        var board = Read("""
            partition_table:
              type: dos
              uuid: "0x14fc63d2"
              start_offset: 8 MiB
              absolute_start_offset: true
              partitions:
                - {size: 64 MiB, type: "0c", bootable: true, payload_type: filesystem, payload: {type: vfat, mountpoint: /boot/efi}}
                - {size: 0, type: "0x83", payload_type: filesystem, payload: {type: ext4, mountpoint: /}}
            """, DiskYaml.Paths[1]).Value.ShouldNotBeNull();
        board.Table.ShouldSatisfyAllConditions(t => t.Kind.ShouldBe(TableKind.Mbr), t => t.Id.ShouldBe("14fc63d2"));
        board.Partitions.Select(p => p.TypeId).ShouldBe(["0c", "83"]);
        board.Partitions[0].Offset!.Value.Bytes.ShouldBe(8 << 20);
        board.Partitions[0].Flags.Active.ShouldBeTrue();
        board.DiskSize.ShouldBeNull();
    }

    [Theory]
    [InlineData("type: gpt", "type: bsd", "PL3204", "'bsd'")]
    [InlineData("size: 10 GiB", "size: 10 fathoms", "PL3204", "the text '10 fathoms' at size")]
    [InlineData("size: 10 GiB", "grow: true", "PL3203", "unknown key 'grow'")]
    [InlineData("payload_type: raw", "payload_type: lvm", "PL3205", "LVM at partition_table.partitions[2].payload_type")]
    [InlineData("payload_type: raw", "payload_type: luks", "PL3205", "LUKS")]
    [InlineData("payload_type: raw", "payload_type: btrfs", "PL3205", "btrfs")]
    [InlineData("{type: ext4, label: root", "{type: xfs, label: root", "PL3205", "xfs at partition_table.partitions[3].payload.type")]
    [InlineData("{type: ext4, label: root", "{type: ext4, frobs: 1", "PL3203", "'frobs'")]
    [InlineData("mountpoint: /}", "mountpoint: var}", "PL3204", "'var'")]
    [InlineData("mountpoint: /}", "mountpoint: /var}", "PL3206", "disk.yaml) is mounted at /")]
    [InlineData("attrs: [59]", "attrs: [99]", "PL3204", "99")]
    [InlineData("type: 8da63339-0007-60c0-c436-083ac8230908", "type: \"83\"", "PL3204", "a type GUID")]
    [InlineData("uuid: 7B77-95E7", "uuid: 7B77", "PL3204", "eight hex digits")]
    [InlineData("heads: 16", "heads: 1000", "PL3204", "1 to 255")]
    [InlineData("  type: gpt", "  sector_size: 1000\n  type: gpt", "PL3204", "512 or 4096")]
    [InlineData("size: 4194304", "label: x", "PL3202", "partition_table.partitions[2].size")]
    [InlineData("partition_table:", "partitions:", "PL3202", "'partition_table'")]
    [InlineData("size: 10 GiB", "size: 1 GiB", "PL4709", "make the disk at least")]
    public void A_mistake_is_told_at_its_line(string good, string bad, string code, string words)
    {
        Good.ShouldContain(good);
        var at = Good.IndexOf(good, StringComparison.Ordinal);
        var told = Read(Good[..at] + bad + Good[(at + good.Length)..]).Diagnostics.Where(d => d.Rule.Severity == Severity.Error).ToList();
        told[0].Rule.Code.ShouldBe(code, told[0].Message);
        told[0].Message.ShouldContain(words);
        if (code is not ("PL3206" or "PL3202"))
            told[0].Span!.File.ShouldBe("(container)/usr/lib/image-builder/bootc/disk.yaml");
    }

    [Theory]
    [InlineData("size: 10 GiB", "extra_padding: 1 MiB")]
    [InlineData("size: 10 GiB", "policy: {ensure_xbootldr: true}")]
    [InlineData("label: root,", "mkfs_options: {verity: true},")]
    public void What_decides_nothing_is_a_warning(string good, string other)
    {
        var result = Read(Good.Replace(good, other, StringComparison.Ordinal));
        result.IsOk.ShouldBeTrue(string.Join('\n', result.Diagnostics));
        result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(CarriedRules.NotUsed);
    }

    [Fact]
    public void A_file_that_is_no_yaml_or_too_long_is_refused()
    {
        Read("a: [").IsOk.ShouldBeFalse();
        Read("- 1").Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(CarriedRules.Missing);
        Read(new string('#', 2 << 20)).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(CarriedRules.Unreadable);
    }

    private static Result<BoardManifest> Read(string yaml, string? path = null)
    {
        var tree = new FileTree();
        tree.Set(path ?? DiskYaml.Paths[0], new RegularFile { Content = FileContent.Of(Encoding.UTF8.GetBytes(yaml)) });
        var unread = CarriedLayout.Unread("from-container", Platform.Of("linux", "arm64", null), new("image.yaml", 1, 1));
        return CarriedLayout.Complete(unread, ImmutableDictionary<string, string>.Empty, tree, "base:1");
    }
}
