using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Carried;

public sealed class CarriedLayoutTests
{
    private const string Old = "com.github.mripard.ocibootstrap.";
    private static readonly SourceSpan Here = new("image.yaml", 3, 9);
    private static readonly Platform Arm64 = Platform.Of("linux", "arm64", null);

    [Fact]
    public void Everything_that_the_label_can_say_is_read()
    {
        var board = Read("""
            {"type":"gpt","partitions":[
             {"uuid":"8DA63339-0007-60C0-C436-083AC8230908","name":"loader","platform-required":true,"offset_lba":64,"size_bytes":4194700,"fs":{"type":"raw","content":"/idbloader.img"}},
             {"uuid":"c12a7328-f81f-11d2-ba4b-00a0c93ec93b","mnt":"/boot/efi","bootable":true,"size_bytes":67108864,"fs":{"type":"fat","volume-id":305419896,"heads":64,"sectors-per-track":32}},
             {"uuid":"0657fd6d-a4ab-43c4-84e5-0933c84b4f4f","name":null,"size_bytes":1048576,"fs":{"type":"swap"}},
             {"uuid":"b921b045-1df0-41c3-af44-4c6f280d3fae","attributes":[59,60],"mnt":"/","fs":{"type":"ext4","uuid":"8eaab04b-e45e-479a-b1fc-e279146db775"}}]}
            """);
        board.Table.Kind.ShouldBe(TableKind.Gpt);
        board.Origin.ShouldBe(LayoutOrigin.ContainerLabel);
        board.Partitions.Select(p => p.Name).ShouldBe(["loader", "", "", ""]);
        board.Partitions.Select(p => p.Size?.Bytes).ShouldBe([4194304, 67108864, 1048576, null], "a GPT's sizes are cut to whole sectors");
        board.Partitions[0].ShouldSatisfyAllConditions(
            p => p.TypeId.ShouldBe("8da63339-0007-60c0-c436-083ac8230908"),
            p => p.RawContent.ShouldBe("/idbloader.img"),
            p => p.Offset!.Value.Bytes.ShouldBe(32768),
            p => p.Flags.GptAttributes.ShouldBe(1UL));
        board.Partitions[1].FileSystem.ShouldSatisfyAllConditions(
            f => f.Id.ShouldBe("12345678"), f => f.Heads.ShouldBe(64), f => f.SectorsPerTrack.ShouldBe(32));
        board.Partitions[1].Flags.GptAttributes.ShouldBe(4UL);
        board.Partitions[2].FileSystem.Kind.ShouldBe(FileSystemKind.Swap);
        board.Partitions[3].ShouldSatisfyAllConditions(
            p => p.Flags.ShouldBe(new PartitionFlags((1UL << 59) | (1UL << 60), false, true, true)),
            p => p.SizeRule.ShouldBe(SizeRule.Rest),
            p => p.FileSystem.Id.ShouldBe("8eaab04b-e45e-479a-b1fc-e279146db775"));
        board.Boot.Method.ShouldBe(BootMethod.Automatic);
    }

    [Theory]
    [InlineData("not json", "PL3201", "'not json' is an invalid JSON literal")]
    [InlineData("[1]", "PL3201", "it is not a JSON object")]
    [InlineData("""{"type":"gpt","type":"mbr"}""", "PL3201", "Duplicate property")]
    [InlineData("""{"type":"apm","partitions":[]}""", "PL3204", "'apm' at $.type; expected 'gpt' or 'mbr'")]
    [InlineData("""{"partitions":[]}""", "PL3202", "lacks $.type")]
    [InlineData("""{"type":"gpt","partitions":[]}""", "PL3202", "lacks $.partitions")]
    [InlineData("""{"type":"gpt","partitions":{}}""", "PL3204", "an object at $.partitions")]
    [InlineData("""{"type":"gpt","version":2,"partitions":[ROOT]}""", "PL3203", "unknown key 'version' in $; expected type, partitions")]
    [InlineData("""{"type":"gpt","partitions":[ROOT,7]}""", "PL3204", "7 at $.partitions[1]")]
    [InlineData("""{"type":"gpt","partitions":[{"mnt":"/","fs":{"type":"ext4"}}]}""", "PL3202", "lacks $.partitions[0].uuid")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"00000000-0000-0000-0000-000000000000","mnt":"/","fs":{"type":"ext4"}}]}""", "PL3204", "at $.partitions[0].uuid; expected a UUID")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/"}]}""", "PL3202", "lacks $.partitions[0].fs")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/","fs":{"type":"ext4"},"offset_lba":-1}]}""", "PL3204", "-1 at $.partitions[0].offset_lba")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/","fs":{"type":"ext4"},"offset_lba":1.5}]}""", "PL3204", "1.5 at $.partitions[0].offset_lba")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/","fs":{"type":"ext4"},"size_bytes":99999999999999999999}]}""", "PL3204", "$.partitions[0].size_bytes")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/","fs":{"type":"ext4"},"attributes":[64]}]}""", "PL3204", "64 at $.partitions[0].attributes[0]; expected the number of a bit, 0 to 63")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/","fs":{"type":"ext4"},"bootable":"yes"}]}""", "PL3204", "'yes' at $.partitions[0].bootable")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"../etc","fs":{"type":"ext4"}}]}""", "PL3204", "'../etc' at $.partitions[0].mnt")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/a/../..","fs":{"type":"ext4"}}]}""", "PL3204", "$.partitions[0].mnt")]
    [InlineData("""{"type":"gpt","partitions":[ROOT,{"uuid":"U","size_bytes":1048576,"fs":{"type":"raw","content":"u-boot.bin"}}]}""", "PL3204", "'u-boot.bin' at $.partitions[1].fs.content")]
    [InlineData("""{"type":"gpt","partitions":[ROOT,{"uuid":"U","size_bytes":1048576,"fs":{"type":"raw"}}]}""", "PL3202", "lacks $.partitions[1].fs.content")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/","fs":{"type":"xfs"}}]}""", "PL3205", "wants XFS at $.partitions[0].fs, which is not written here; use ext4")]
    [InlineData("""{"type":"gpt","partitions":[ROOT,{"uuid":"U","fs":{"type":"lvm","name":"vg","volumes":[{"fs":{"type":"lvm","volumes":[]}}]}}]}""", "PL3205", "wants LVM at $.partitions[1].fs")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/","fs":{"type":"zfs"}}]}""", "PL3204", "'zfs' at $.partitions[0].fs.type")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/","fs":{"type":"ext4","label":"x"}}]}""", "PL3203", "unknown key 'label' in $.partitions[0].fs")]
    [InlineData("""{"type":"gpt","partitions":[ROOT,{"uuid":"U","size_bytes":9999999,"fs":{"type":"fat","heads":256,"sectors-per-track":1}}]}""", "PL3204", "256 at $.partitions[1].fs.heads; expected 1 to 255")]
    [InlineData("""{"type":"mbr","partitions":[{"type":256,"mnt":"/","fs":{"type":"ext4"}}]}""", "PL3204", "256 at $.partitions[0].type; expected a number from 1 to 255")]
    [InlineData("""{"type":"mbr","partitions":[{"mnt":"/","fs":{"type":"ext4"}}]}""", "PL3202", "lacks $.partitions[0].type")]
    [InlineData("""{"type":"mbr","partitions":[{"type":131,"uuid":"U","mnt":"/","fs":{"type":"ext4"}}]}""", "PL3203", "unknown key 'uuid'")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","size_bytes":1048576,"mnt":"/data","fs":{"type":"ext4"}}]}""", "PL3206", "no partition")]
    [InlineData("""{"type":"gpt","partitions":[ROOT,{"uuid":"U","size_bytes":1048576,"mnt":"/","fs":{"type":"ext4"}}]}""", "PL3207", "mounts two partitions at '/', the second at $.partitions[1]")]
    [InlineData("""{"type":"gpt","partitions":[ROOT,{"uuid":"U","mnt":"/data","fs":{"type":"ext4"}}]}""", "PL3208", "no size at $.partitions[1], nor at $.partitions[0]")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","mnt":"/","fs":{"type":"fat"}}]}""", "PL3204", "a root file system of fat at $.partitions[0]")]
    [InlineData("""{"type":"gpt","partitions":[ROOT,{"uuid":"U","size_bytes":1048576,"mnt":"/x","fs":{"type":"swap"}}]}""", "PL3204", "a mount point without a file system at $.partitions[1]")]
    [InlineData("""{"type":"gpt","partitions":[{"uuid":"U","offset_lba":2,"size_bytes":512,"fs":{"type":"raw","content":"/x"}},ROOT]}""", "PL4206", "'#1' begins at byte 1024")]
    [InlineData("""{"type":"mbr","partitions":[MBR,MBR5,MBR5,MBR5,MBR5]}""", "PL3204", "a fifth partition at $.partitions[4]; expected at most 4 in an MBR")]
    public void A_mistake_is_told_with_its_place(string label, string code, string words)
    {
        var told = Complaints(label
            .Replace("MBR5", """{"type":131,"size_bytes":1048576,"fs":{"type":"raw","content":"/x"}}""", StringComparison.Ordinal)
            .Replace("MBR", """{"type":131,"mnt":"/","size_bytes":10485760,"fs":{"type":"ext4"}}""", StringComparison.Ordinal)
            .Replace("ROOT", """{"uuid":"U","mnt":"/","fs":{"type":"ext4"}}""", StringComparison.Ordinal)
            .Replace("\"U\"", "\"b921b045-1df0-41c3-af44-4c6f280d3fae\"", StringComparison.Ordinal));
        var one = told.ShouldHaveSingleItem();
        one.Rule.Code.ShouldBe(code, one.Message);
        one.Message.ShouldContain(words);
        one.Span.ShouldBe(Here);
    }

    [Fact]
    public void Hostile_labels_end_soon_and_say_little()
    {
        Complaints(new string('[', 100_000)).ShouldHaveSingleItem().Rule.ShouldBe(CarriedRules.Unreadable);
        Complaints("{\"type\":\"" + new string('x', 300_000) + "\"}").ShouldHaveSingleItem().Message.ShouldContain("characters, expected at most 262144");
        Complaints("""{"type":"gpt","partitions":[""" + string.Join(',', Enumerable.Repeat("{}", 10_000)) + "]}").ShouldContain(d => d.Message.Contains("10000 items", StringComparison.Ordinal));
        Complaints("{" + string.Join(',', Enumerable.Range(0, 9000).Select(i => $"\"k{i}\":1")) + "}").Count.ShouldBeLessThan(40);
        Complaints("{\"type\":\"a\\ud800b\"}").ShouldHaveSingleItem().Rule.ShouldBe(CarriedRules.Unreadable);
        Complaints("{\"type\":\"\\u001b[31m\"}").ShouldHaveSingleItem().Message.ShouldNotContain('\u001b');
    }

    [Fact]
    public void Half_a_geometry_is_a_warning()
    {
        var result = Carried("""
            {"type":"gpt","partitions":[{"uuid":"b921b045-1df0-41c3-af44-4c6f280d3fae","mnt":"/","fs":{"type":"ext4"}},
            {"uuid":"c12a7328-f81f-11d2-ba4b-00a0c93ec93b","size_bytes":67108864,"fs":{"type":"fat","heads":64}}]}
            """);
        result.IsOk.ShouldBeTrue();
        result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(CarriedRules.NotUsed);
        result.Value!.Partitions[1].FileSystem.Heads.ShouldBeNull();
    }

    [Theory]
    [InlineData("table.partitions")]
    [InlineData("partitions")]
    public void Older_labels_are_read(string list)
    {
        var board = FromLabels(OldGpt(list)).Value.ShouldNotBeNull();
        board.Partitions.Select(p => p.Name).ShouldBe(["loader", "esp", "root"]);
        board.Partitions[0].ShouldSatisfyAllConditions(
            p => p.RawContent.ShouldBe("/idbloader.img"), p => p.Offset!.Value.Bytes.ShouldBe(64 * 512), p => p.Size!.Value.Bytes.ShouldBe(4 << 20),
            p => p.Flags.GptAttributes.ShouldBe(1UL));
        board.Partitions[1].FileSystem.ShouldSatisfyAllConditions(f => f.Id.ShouldBe("fa69a3da"), f => f.Heads.ShouldBe(64), f => f.SectorsPerTrack.ShouldBe(32));
        board.Partitions[1].Flags.GptAttributes.ShouldBe(4UL);
        board.Partitions[2].FileSystem.Id.ShouldBe("8eaab04b-e45e-479a-b1fc-e279146db775");
    }

    [Theory]
    [InlineData("0x0c", "0c")]
    [InlineData("12", "0c")]
    [InlineData("0o14", "0c")]
    [InlineData("0b1100", "0c")]
    [InlineData("0x100", null)]
    [InlineData("0", null)]
    [InlineData("0x", null)]
    [InlineData("zz", null)]
    public void Older_numbers_have_their_bases(string written, string? type)
    {
        var result = FromLabels(new()
        {
            [Old + "table.type"] = "mbr", [Old + "table.partitions"] = "[\"root\"]",
            [Old + "partition.root.type"] = written, [Old + "partition.root.fs"] = "ext4", [Old + "partition.root.mount_point"] = "/",
        });
        if (type is null)
            result.Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("partition.root.type");
        else
            result.Value.ShouldNotBeNull().Partitions[0].TypeId.ShouldBe(type);
    }

    [Theory]
    [InlineData("table.type", "apm", "PL3204")]
    [InlineData("table.type", null, "PL3202")]
    [InlineData("table.partitions", "[1]", "PL3204")]
    [InlineData("table.partitions", "[\"esp\",\"esp\"]", "PL3204")]
    [InlineData("partition.root.fs", "lvm", "PL3204")]
    [InlineData("partition.root.fs", null, "PL3202")]
    [InlineData("partition.root.partition_uuid", "x", "PL3204")]
    [InlineData("partition.esp.size_mb", "512MiB", "PL3204")]
    [InlineData("partition.esp.flags.bootable", "yes", "PL3204")]
    [InlineData("partition.loader.raw.content", null, "PL3202")]
    [InlineData("partition.esp.fat.vol_id", "0xfa69a3da", "PL3204")]
    public void A_mistake_in_older_labels_is_told(string label, string? value, string code)
    {
        var labels = OldGpt("table.partitions");
        labels[Old + label] = value ?? "";
        if (value is null)
            labels.Remove(Old + label);
        FromLabels(labels).Diagnostics.Select(d => d.Rule.Code).ShouldBe([code]);
    }

    [Fact]
    public void Without_a_label_the_layout_is_read_later()
    {
        var unread = FromLabels([]).Value.ShouldNotBeNull();
        unread.IsUnread.ShouldBeTrue();
        var told = CarriedLayout.Complete(unread, ImmutableDictionary<string, string>.Empty, new FileTree(), "base:1");
        told.Diagnostics.ShouldHaveSingleItem().Message.ShouldStartWith("the container 'base:1' carries no layout of a disk");
    }

    private static BoardManifest Read(string label)
    {
        var result = Carried(label);
        result.Diagnostics.ShouldBeEmpty();
        return result.Value!;
    }

    private static Result<BoardManifest> Carried(string label) => FromLabels(new() { [CarriedTables.Label] = label });

    private static IReadOnlyList<Diagnostic> Complaints(string label)
    {
        var result = Carried(label);
        result.IsOk.ShouldBeFalse();
        return result.Diagnostics;
    }

    private static Result<BoardManifest> FromLabels(Dictionary<string, string> labels) => CarriedLayout.FromLabels(labels, CarriedName.Plain, Arm64, Here);

    private static Dictionary<string, string> OldGpt(string list) => new(StringComparer.Ordinal)
    {
        [Old + "table.type"] = "gpt", [Old + list] = "[\"loader\",\"esp\",\"root\"]",
        [Old + "partition.loader.partition_uuid"] = "8da63339-0007-60c0-c436-083ac8230908", [Old + "partition.loader.fs"] = "raw",
        [Old + "partition.loader.raw.content"] = "/idbloader.img", [Old + "partition.loader.offset_lba"] = "64",
        [Old + "partition.loader.size_mb"] = "4", [Old + "partition.loader.flags.required"] = "true",
        [Old + "partition.esp.partition_uuid"] = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b", [Old + "partition.esp.fs"] = "fat",
        [Old + "partition.esp.fat.vol_id"] = "fa69a3da", [Old + "partition.esp.fat.heads"] = "64", [Old + "partition.esp.fat.sectors_per_track"] = "32",
        [Old + "partition.esp.size_mb"] = "512", [Old + "partition.esp.mount_point"] = "/boot/efi", [Old + "partition.esp.flags.bootable"] = "true",
        [Old + "partition.root.partition_uuid"] = "b921b045-1df0-41c3-af44-4c6f280d3fae", [Old + "partition.root.fs"] = "ext4",
        [Old + "partition.root.ext4.uuid"] = "8eaab04b-e45e-479a-b1fc-e279146db775", [Old + "partition.root.mount_point"] = "/",
    };
}
