using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Inspecting;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Disks;

/// <summary>Whole disks from boards, as sfdisk, sgdisk, fdisk and our own inspection read them.</summary>
public sealed class DiskAssemblerTests
{
    private const string SixInMbr = """
        {name: boot, type: fat, filesystem: {type: fat, bits: 16, heads: 64, sectorsPerTrack: 32}, size: 16MiB, mount: /boot, flags: [active]}
        {name: swap, type: swap, filesystem: swap, size: 2MiB}
        {name: spare, type: raw, size: 1MiB}
        {name: root, type: root, filesystem: ext4, size: content, mount: /}
        {name: home, type: linux, filesystem: ext4, size: 8MiB, mount: /home, offset: sector 204801}
        {name: data, type: 0x8e, filesystem: {type: ext4, label: data}, size: rest, mount: /data}
        """;

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Logical_partitions_are_numbered_and_named_as_systems_name_them(int sectorBytes)
    {
        using var disk = new DiskBuild("{method: none}", SixInMbr.Replace("sector 204801", sectorBytes == 512 ? "sector 204801" : "sector 25601", StringComparison.Ordinal),
            table: "{type: mbr, id: \"0badcafe\"}", before: $"sectorSize: {sectorBytes}\n");
        var image = Build(disk);

        PartitionTableJudge.Complaints(image.Path, sectorBytes).ShouldBeEmpty();
        var read = PartitionTableJudge.Read(image.Path, sectorBytes);
        read.Partitions.Select(p => p.Type.TrimStart('0')).ShouldBe(["c", "82", "f8", "f", "83", "83", "8e"]);
        read.Partitions[0].Flags.ShouldBe("active");
        read.Partitions.Where((_, i) => i != 3).Select(p => p.FirstLba * sectorBytes)
            .ShouldBe(image.Map.Where(r => r.Name.StartsWith("partition ", StringComparison.Ordinal)).Select(r => r.OffsetBytes));
        disk.Identity.Partitions.Select(p => p.PartUuid).ShouldBe(["0badcafe-01", "0badcafe-02", "0badcafe-03", "0badcafe-05", "0badcafe-06", "0badcafe-07"]);
        var map = Inspect(image.Path);
        map.Table!.SectorBytes.ShouldBe(sectorBytes);
        map.Partitions.Where(p => p.TypeName != "extended").Select(p => p.Id).ShouldBe(disk.Identity.Partitions.Select(p => p.PartUuid));
        map.Partitions.Single(p => p.Number == 7).FileSystem!.Label.ShouldBe("data");
        if (sectorBytes != 512)
            return;
        var numbers = Tool.Require("sfdisk", "--dump", image.Path).Split('\n').Where(l => l.StartsWith(image.Path, StringComparison.Ordinal)).Select(l => l[image.Path.Length..l.IndexOf(' ')]);
        numbers.ShouldBe(["1", "2", "3", "4", "5", "6", "7"]);
        // 1 MiB is head 32 of cylinder 0 with 255 heads and 63 sectors, and cylinder 1 with the geometry of the FAT.
        File.ReadAllBytes(image.Path).AsSpan(447, 3).ToArray().ShouldBe([0, 1, 1]);
    }

    [Fact]
    public void A_hybrid_mbr_shows_the_partition_that_was_named()
    {
        using var disk = new DiskBuild("{method: none}", """
            {name: firmware, type: esp, filesystem: {type: fat, bits: 32}, size: 40MiB, mount: /boot/firmware, attributes: [48], label: "fw 1"}
            {name: root, type: root, filesystem: ext4, size: rest, mount: /}
            """, table: "{type: gpt, hybrid: [{partition: firmware, type: 0x0c, active: true}]}");
        var image = Build(disk);

        PartitionTableJudge.Complaints(image.Path).ShouldBeEmpty();
        Tool.Require("sgdisk", "-O", image.Path).ShouldMatch(@"\* +2048 +83967 +primary +0x0C");
        var info = Tool.Require("sgdisk", "-i", "1", image.Path);
        info.ShouldContain("Attribute flags: 0001000000000000");
        info.ShouldContain("Partition name: 'fw 1'");
        var inspected = Inspector.Read(image.Path, CancellationToken.None);
        inspected.Diagnostics.Select(d => d.Rule).ShouldBe([InspectRules.HybridMbr]);
        inspected.Value!.Partitions.Select(p => p.Name).ShouldBe(["fw 1", "root"]);
    }

    [Fact]
    public void A_copy_carries_the_files_of_its_original_under_identifiers_of_its_own()
    {
        using var disk = new DiskBuild("{method: none}", """
            {name: boot-a, type: esp, filesystem: {type: fat, bits: 16}, size: 16MiB, mount: /boot}
            {name: boot-b, type: fat, filesystem: {type: fat, bits: 16}, size: 16MiB, copyOf: boot-a}
            {name: root-a, type: root, filesystem: {type: ext4, label: root-a}, size: 64MiB, mount: /}
            {name: root-b, type: root, filesystem: {type: ext4, label: root-b}, size: 64MiB, copyOf: root-a, flags: [no-auto]}
            {name: free, type: root, size: 64MiB, label: _empty}
            {name: data, type: var, filesystem: {type: ext4, label: data}, size: rest, mount: /data, maximum: 8MiB, minimum: 4MiB}
            """).With("/etc/os-release", "/usr/bin/tool", "/boot/kernel.img");
        var image = Build(disk);

        var parts = image.Map.Where(r => r.Name.StartsWith("partition ", StringComparison.Ordinal)).ToList();
        for (var i = 0; i < parts.Count; i++)
            Tool.Require("dd", "status=none", "bs=64K", $"skip={parts[i].OffsetBytes >> 16}", $"count={parts[i].LengthBytes >> 16}", $"if={image.Path}", $"of={disk[$"p{i}"]}");
        FatJudge.CopyOut(disk["p1"]).Keys.ShouldBe(FatJudge.CopyOut(disk["p0"]).Keys);
        FatJudge.CopyOut(disk["p1"]).Keys.ShouldContain("/kernel.img");
        foreach (var root in new[] { "p2", "p3" })
        {
            E2fs.ShouldBeClean(disk[root]);
            Tool.Require("debugfs", "-R", "cat /usr/bin/tool", disk[root]).ShouldBe("/usr/bin/tool");
        }
        foreach (var key in new[] { "UUID", "LABEL" })
            Tool.Require("blkid", "-p", "-s", key, "-o", "value", disk["p3"]).ShouldNotBe(Tool.Require("blkid", "-p", "-s", key, "-o", "value", disk["p2"]));
        File.ReadAllBytes(disk["p4"]).ShouldAllBe(b => b == 0);
        E2fs.ShouldBeClean(disk["p5"]);
        PartitionTableJudge.Read(image.Path).Partitions.Select(p => p.Name).ShouldBe(["boot-a", "boot-b", "root-a", "root-b", "_empty", "data"]);
        disk.Text("/etc/fstab").ShouldNotBeNull().ShouldNotContain(disk.Identity.Partitions[3].PartUuid);
    }

    [Fact]
    public void A_copy_of_the_root_has_the_free_space_of_the_root()
    {
        using var disk = new DiskBuild("{method: none}", """
            {name: root-a, type: root, filesystem: ext4, size: content, mount: /}
            {name: root-b, type: root, filesystem: ext4, size: content, copyOf: root-a}
            """) { Customization = new() { FreeSpace = Core.Units.ByteSize.MiB(100) } };

        var lengths = Build(disk).Map.Where(r => r.Name.StartsWith("partition ", StringComparison.Ordinal)).Select(r => r.LengthBytes).ToList();
        lengths[1].ShouldBe(lengths[0]);
        lengths[0].ShouldBeGreaterThan(100 << 20);
    }

    [Fact]
    public void A_rest_on_a_large_disk_ends_at_its_maximum()
    {
        using var disk = new DiskBuild("{method: none}", """
            {name: root, type: root, filesystem: ext4, size: rest, mount: /, maximum: 96MiB}
            """, before: "diskSize: 1GiB\n");

        Build(disk).Map.Single(r => r.Name == "partition 1 root").LengthBytes.ShouldBe(96 << 20);
    }

    [Fact]
    public void A_content_beyond_its_maximum_is_refused()
    {
        using var disk = new DiskBuild("{method: none}", """
            {name: root, type: root, filesystem: ext4, size: content, mount: /, maximum: 2MiB}
            """).With(("/big", new string('x', 3 << 20)));

        disk.Build().ShouldBeNull();
        disk.Codes.ShouldContain("PL4401");
    }

    private static BuiltDisk Build(DiskBuild disk)
    {
        var image = disk.Build();
        disk.Bag.ToImmutable().Where(d => d.Rule.Severity == Severity.Error).ShouldBeEmpty();
        return image.ShouldNotBeNull();
    }

    private static ImageMap Inspect(string path)
    {
        var result = Inspector.Read(path, CancellationToken.None);
        result.Diagnostics.ShouldBeEmpty();
        return result.Value!;
    }
}
