using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Carried;

public sealed class TableLabelWriterTests : IDisposable
{
    private readonly TempDir _temp = new();

    public void Dispose() => _temp.Dispose();

    public static TheoryData<string> Tables => [.. CarriedTables.All.Keys];

    /// <summary>A label that is read and written again says the same: sector by sector, flag by flag.</summary>
    [Theory]
    [MemberData(nameof(Tables))]
    public void A_published_table_survives_the_way_through_a_board(string name)
    {
        var first = Read(CarriedTables.All[name].Json);
        var exported = CarriedLayout.Export(first, isPretty: false);
        exported.Diagnostics.ShouldBeEmpty();
        var second = Read(exported.Value!);
        exported.Value!.Contains('\n').ShouldBeFalse();
        Said(second).ShouldBe(Said(first));
        CarriedLayout.Export(second, isPretty: false).Value.ShouldBe(exported.Value);
    }

    [Fact]
    public void A_board_with_raw_partitions_becomes_a_label()
    {
        var board = Board("""
            description: a board
            platform: linux/arm64
            table: {type: gpt}
            partitions:
              - {name: loader1, type: raw, offset: sector 64, size: 4MiB, flags: [required]}
              - {name: esp, type: esp, size: 64MiB, filesystem: fat, mount: /boot/efi, flags: [legacy-boot]}
              - {name: swap, type: swap, size: 16MiB, filesystem: swap}
              - {name: root, type: root, size: rest, filesystem: ext4, mount: /, flags: [grow]}
            blobs:
              - {name: idbloader, from: {container: /usr/lib/u-boot/idbloader.img}, offset: sector 64, limit: 4MiB}
            boot: {method: uefi-files}
            """);
        var exported = CarriedLayout.Export(board, isPretty: true);
        exported.Diagnostics.ShouldBeEmpty();
        exported.Value.ShouldBe("""
            {
              "type": "gpt",
              "partitions": [
                {
                  "name": "loader1",
                  "uuid": "8da63339-0007-60c0-c436-083ac8230908",
                  "offset_lba": 64,
                  "size_bytes": 4194304,
                  "platform-required": true,
                  "fs": {
                    "type": "raw",
                    "content": "/usr/lib/u-boot/idbloader.img"
                  }
                },
                {
                  "name": "esp",
                  "uuid": "c12a7328-f81f-11d2-ba4b-00a0c93ec93b",
                  "offset_lba": 10240,
                  "size_bytes": 67108864,
                  "mnt": "/boot/efi",
                  "bootable": true,
                  "fs": {
                    "type": "fat"
                  }
                },
                {
                  "name": "swap",
                  "uuid": "0657fd6d-a4ab-43c4-84e5-0933c84b4f4f",
                  "offset_lba": 141312,
                  "size_bytes": 16777216,
                  "fs": {
                    "type": "swap"
                  }
                },
                {
                  "name": "root",
                  "uuid": "b921b045-1df0-41c3-af44-4c6f280d3fae",
                  "offset_lba": 174080,
                  "mnt": "/",
                  "attributes": [
                    59
                  ],
                  "fs": {
                    "type": "ext4"
                  }
                }
              ]
            }
            """);
    }

    [Fact]
    public void Every_shipped_board_is_written_or_says_why_not()
    {
        foreach (var board in ShippedBoards.Names.Select(ShippedBoards.Read))
        {
            var exported = CarriedLayout.Export(board, isPretty: false);
            exported.Diagnostics.ShouldAllBe(d => d.Rule == CarriedRules.CannotSay || d.Rule == CarriedRules.CannotCarry, board.Name);
            if (exported.IsOk)
                Read(exported.Value!).Partitions.Length.ShouldBeInRange(1, board.Partitions.Length, board.Name);
        }
    }

    [Theory]
    [InlineData("table: {type: gpt, id: D209C89E-EA5E-4FBD-B161-B461CCE297E0}", "", "the identifier d209c89e-ea5e-4fbd-b161-b461cce297e0")]
    [InlineData("table: {type: gpt, entries: 56}", "", "number and place of the GPT's entries")]
    [InlineData("table: {type: gpt, alignment: 4MiB}", "", "the alignment of 4 MiB")]
    [InlineData("diskSize: 4GiB", "", "the size of the disk")]
    [InlineData("", "maximum: 9GiB", "the largest size of partition 'root'")]
    [InlineData("", "minimum: 1GiB", "the least size of partition 'root' (1 GiB)")]
    [InlineData("", "freeSpace: 1GiB", "the free space of partition 'root'")]
    [InlineData("", "id: 6264D520-3FB9-423F-8AB8-7A0A8E3D3562", "the identifier of partition 'root'")]
    public void What_the_label_cannot_say_is_named(string top, string partition, string words)
    {
        var table = top.StartsWith("table", StringComparison.Ordinal) ? top : "table: {type: gpt}\n" + top;
        var board = Board($$"""
            description: a board
            platform: linux/arm64
            {{table}}
            partitions:
              - {name: root, type: root, size: rest, filesystem: ext4, mount: /{{(partition.Length > 0 ? ", " + partition : "")}}}
            boot: {method: none}
            """);
        CarriedLayout.Export(board, isPretty: false).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain(words);
    }

    [Fact]
    public void A_partition_as_large_as_its_content_cannot_stand_in_the_middle()
    {
        var board = Board("""
            description: a board
            platform: linux/arm64
            table: {type: gpt}
            partitions:
              - {name: esp, type: esp, size: content, filesystem: fat, mount: /boot/efi}
              - {name: root, type: root, size: rest, filesystem: ext4, mount: /}
            boot: {method: uefi-files}
            """);
        CarriedLayout.Export(board, isPretty: false).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(CarriedRules.CannotCarry);
    }

    private BoardManifest Board(string yaml)
    {
        File.WriteAllText(_temp["a-board.yaml"], yaml);
        var read = WorkspaceReader.ReadBoard(_temp["a-board.yaml"]);
        read.IsOk.ShouldBeTrue(string.Join('\n', read.Diagnostics));
        return read.Value!;
    }

    private static BoardManifest Read(string label)
    {
        var read = CarriedLayout.FromLabels(
            new Dictionary<string, string> { [CarriedTables.Label] = label }, CarriedName.Plain, SampleImages.Arm64, new("image.yaml", 1, 1));
        read.Diagnostics.Where(d => d.Rule.Severity == Severity.Error).ShouldBeEmpty();
        return read.Value!;
    }

    /// <summary>Places that follow from the order are written out by the export, so they are compared as the disk would have them.</summary>
    private static string Said(BoardManifest board)
    {
        var least = board.Partitions.Select(p => p.SizeRule == SizeRule.Fixed ? 0L : 1 << 20).ToArray();
        var placed = Disk.Partitioning.DiskPlacement.Place(BoardPlacement.Request(board, least, [])).Value!;
        return string.Join('\n', board.Partitions.Zip(placed.Partitions, (p, place) =>
            $"{p.Name} {p.TypeId} {place.OffsetBytes}+{(p.SizeRule == SizeRule.Rest ? 0 : place.LengthBytes)} {p.MountPoint} {p.Flags} {p.RawContent} {p.FileSystem with { Span = null }}"));
    }
}
