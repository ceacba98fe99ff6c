using System.Buffers.Binary;
using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building;

/// <summary>Containers that carry their layout become disks, from the command line to the sectors; sfdisk and fdisk are the judges.</summary>
public sealed class CarriedBuildTests : IDisposable
{
    private readonly TempDir _temp = new();

    public void Dispose() => _temp.Dispose();

    public static TheoryData<string> Tables => [.. CarriedTables.All.Keys];

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_published_table_is_kept_to_the_sector_also_by_a_derived_container(string name)
    {
        var (label, loaders) = CarriedTables.All[name];
        var layout = Container(label, loaders);

        Build($"oci:{layout}:base", "base.img");
        Build($"oci:{layout}:derived", "derived.img");

        PartitionTableJudge.Complaints(_temp["base.img"]).ShouldBeEmpty();
        var (table, derived) = (PartitionTableJudge.Read(_temp["base.img"]), PartitionTableJudge.Read(_temp["derived.img"]));
        CarriedTables.Differences(label, table).ShouldBeEmpty();
        CarriedTables.Differences(label, derived).ShouldBeEmpty();
        derived.Partitions.Select(p => p with { Id = "" }).ShouldBe(table.Partitions.Select(p => p with { Id = "" }));
        for (var i = 0; i < loaders.Length; i++)
            ReadAt("base.img", table.Partitions[i].FirstLba * 512, 70_000).ShouldBe(Loader(loaders[i]), loaders[i]);
        var root = table.Partitions[^1];
        Tool.Require("dd", "status=none", "conv=sparse", "bs=1M", "iflag=skip_bytes,count_bytes", $"skip={root.FirstLba * 512}", $"count={root.SectorCount * 512}", $"if={_temp["base.img"]}", $"of={_temp["root.img"]}");
        E2fs.ShouldBeClean(_temp["root.img"]);
        Tool.Require("debugfs", "-R", "cat /etc/motd", _temp["root.img"]).ShouldBe("hello\n");
    }

    [Fact]
    public void The_comparison_sees_a_sector_a_flag_and_a_missing_partition()
    {
        var (label, loaders) = CarriedTables.All["debix-model-a"];
        Build($"oci:{Container(label, loaders)}:base", "base.img");
        var table = PartitionTableJudge.Read(_temp["base.img"]);
        CarriedTables.Differences(label.Replace("\"offset_lba\":64", "\"offset_lba\":65", StringComparison.Ordinal), table).ShouldHaveSingleItem().ShouldBe("start of 0: the label wants 65, the disk has 64");
        CarriedTables.Differences(label.Replace("536870912", "536870400", StringComparison.Ordinal), table).Count.ShouldBe(1);
        CarriedTables.Differences(label.Replace("[59]", "[60]", StringComparison.Ordinal), table).Count.ShouldBe(1);
        CarriedTables.Differences(label, table with { Partitions = [.. table.Partitions.Skip(1)] }).ShouldNotBeEmpty();
    }

    [Fact]
    public void The_fat_of_the_TI_board_has_its_geometry_and_serial_number()
    {
        var (label, loaders) = CarriedTables.All["sk-am62"];
        Build($"oci:{Container(label, loaders)}:base", "base.img");
        var sector = ReadAt("base.img", 1 << 20, 512);
        BinaryPrimitives.ReadUInt16LittleEndian(sector.AsSpan(24)).ShouldBe((ushort)32, "sectors per track");
        BinaryPrimitives.ReadUInt16LittleEndian(sector.AsSpan(26)).ShouldBe((ushort)64, "heads");
        var serial = sector.AsSpan(82, 5).SequenceEqual("FAT32"u8) ? 67 : 39;
        BinaryPrimitives.ReadUInt32LittleEndian(sector.AsSpan(serial)).ShouldBe(0xcbe82c91);
    }

    [Fact]
    public void Older_labels_and_disk_yaml_make_disks_too()
    {
        const string prefix = "com.github.mripard.ocibootstrap.";
        var writer = new OciLayoutWriter(_temp["layout"]);
        var plain = writer.AddLayer(("etc/motd", "hello\n"));
        writer.Tag("old", writer.AddImage("linux/arm64", [plain],
            (prefix + "table.type", "mbr"), (prefix + "table.partitions", "[\"root\"]"), (prefix + "partition.root.type", "0x83"),
            (prefix + "partition.root.offset_lba", "8192"), (prefix + "partition.root.size_mb", "64"), (prefix + "partition.root.fs", "ext4"), (prefix + "partition.root.mount_point", "/")));
        writer.Tag("yaml", writer.AddImage("linux/arm64", [plain, writer.AddLayer(("usr/lib/image-builder/bootc/disk.yaml", """
            partition_table:
              type: gpt
              size: 1 GiB
              partitions:
                - {size: 64 MiB, type: c12a7328-f81f-11d2-ba4b-00a0c93ec93b, label: EFI, payload_type: filesystem, payload: {type: vfat, mountpoint: /boot/efi}}
                - {size: 100 MiB, type: b921b045-1df0-41c3-af44-4c6f280d3fae, label: root, payload_type: filesystem, payload: {type: ext4, mountpoint: /}}
            """))]));

        Build($"oci:{_temp["layout"]}:old", "old.img");
        PartitionTableJudge.Read(_temp["old.img"]).Partitions.ShouldHaveSingleItem().ShouldBe(new(8192, 131072, "83", "", "", ""), "sector, length, type; without a unique id");

        Build($"oci:{_temp["layout"]}:yaml", "yaml.img");
        new FileInfo(_temp["yaml.img"]).Length.ShouldBe(1L << 30);
        var table = PartitionTableJudge.Read(_temp["yaml.img"]);
        PartitionTableJudge.Complaints(_temp["yaml.img"]).ShouldBeEmpty();
        table.Partitions.Select(p => (p.FirstLba, p.SectorCount, p.Name)).ShouldBe([(2048, 131072, "EFI"), (133120, 1961984, "root")]);
    }

    /// <summary>Export, put on a container, build: the partitions of the board itself.</summary>
    [Fact]
    public void An_exported_board_gives_the_partitions_of_the_board()
    {
        File.WriteAllText(_temp["box.yaml"], """
            description: a box
            platform: linux/arm64
            table: {type: mbr}
            partitions:
              - {name: fat, type: fat, size: 64MiB, filesystem: fat, mount: /boot/efi, flags: [active]}
              - {name: root, type: linux, size: rest, filesystem: ext4, mount: /}
            boot: {method: none}
            """);
        var pipeline = new PipelineCommand(_temp.Path);
        var exported = pipeline.Run("layout", "export", "box.yaml");
        exported.ExitCode.ShouldBe(0, exported.Output);
        var layout = Container(exported.Stdout.Trim(), []);

        Build($"oci:{layout}:base", "carried.img");
        Build($"oci:{layout}:base", "board.img", "--board", "box.yaml");

        var (carried, board) = (PartitionTableJudge.Read(_temp["carried.img"]), PartitionTableJudge.Read(_temp["board.img"]));
        carried.Partitions.Select(p => p with { Id = "" }).ShouldBe(board.Partitions.Select(p => p with { Id = "" }));
        pipeline.Run("layout", "export", "nothing").ExitCode.ShouldBe(2);
    }

    [Fact]
    public void Of_several_platforms_one_must_be_named()
    {
        var label = CarriedTables.All["systemready-ir"].Json;
        var writer = new OciLayoutWriter(_temp["layout"]);
        var layer = writer.AddLayer(("etc/motd", "hello\n"));
        writer.Tag("both", writer.AddIndex([
            ("linux/arm64", writer.AddImage("linux/arm64", [layer], (CarriedTables.Label, label))),
            ("linux/arm/v6", writer.AddImage("linux/arm/v6", [layer], (CarriedTables.Label, label)))]));
        var pipeline = new PipelineCommand(_temp.Path);
        var unclear = pipeline.Run("build", "--from", "oci:layout:both", "-o", "disk.img");
        unclear.ExitCode.ShouldBe(1);
        unclear.Stderr.ShouldContain("PL3210");
        unclear.Stderr.ShouldContain("from-container-arm64, from-container-arm-v6");
        Build("oci:layout:both", "a.img", "--board", "from-container-arm64");
        Build("oci:layout:both", "b.img", "--platform", "arm64");
        File.ReadAllBytes(_temp["b.img"]).AsSpan().SequenceEqual(File.ReadAllBytes(_temp["a.img"])).ShouldBeTrue();
        pipeline.Run("build", "--from", "oci:layout:both", "-o", "c.img", "--board", "from-container-z80").ExitCode.ShouldBe(1);
        pipeline.Run("build", "--from", "oci:layout:both", "-o", "c.img", "--board", "uefi-arm64", "--platform", "arm64").ExitCode.ShouldBe(2);
    }

    [Fact]
    public void A_container_without_a_layout_or_without_its_loader_is_told()
    {
        var layout = Container(null, []);
        var pipeline = new PipelineCommand(_temp.Path);
        var bare = pipeline.Run("build", "--from", $"oci:{layout}:base", "-o", "disk.img");
        bare.ExitCode.ShouldBe(1);
        bare.Stderr.ShouldContain("PL3209");
        File.WriteAllBytes(_temp["root.tar"], OciLayoutWriter.TarOf(("etc/motd", "hello")));
        pipeline.Run("build", "--from", "tar:root.tar", "-o", "disk.img").Stderr.ShouldContain("PL3211");
        Directory.Delete(layout, true);
        var lacking = pipeline.Run("build", "--from", $"oci:{Container(CarriedTables.All["debix-model-a"].Json, [])}:base", "-o", "disk.img");
        lacking.ExitCode.ShouldBe(1);
        lacking.Stderr.ShouldContain("PL3212: the content of partition 'loader' is no file of the container: /flash.bin");
        File.Exists(_temp["disk.img"]).ShouldBeFalse();
    }

    [Fact]
    public void A_repository_builds_from_container_and_its_plan_knows_the_label()
    {
        var (label, loaders) = CarriedTables.All["debix-model-a"];
        var layout = Container(label, loaders);
        Directory.CreateDirectory(_temp["images/box"]);
        File.WriteAllText(_temp["images/box/image.yaml"], $"description: a box\nsource: oci:{layout}:base\nboards: [from-container]\n");
        var pipeline = new PipelineCommand(_temp.Path);
        pipeline.Run("validate").ExitCode.ShouldBe(0, pipeline.Run("validate").Output);
        var built = pipeline.Run("build", "--output", "out");
        built.ExitCode.ShouldBe(0, built.Output);
        CarriedTables.Differences(label, PartitionTableJudge.Read(_temp["out/box/box-from-container.img"])).ShouldBeEmpty();
        var inputs = File.ReadAllText(_temp["out/box/inputs.json"]);
        inputs.ShouldContain("board.partitions[0].content");
        inputs.ShouldContain("\"board.layout\"");
    }

    /// <summary>The manifest's own layout comes before the board's, and that before the container's.</summary>
    [Fact]
    public void The_first_who_says_a_layout_is_heard()
    {
        var (label, loaders) = CarriedTables.All["pinephone-pro"];
        var layout = Container(label, loaders);
        File.WriteAllText(_temp["table.json"], CarriedTables.All["sk-am62"].Json);
        var pipeline = new PipelineCommand(_temp.Path);
        Build($"oci:{layout}:base", "layout.img", "--layout", "table.json");
        CarriedTables.Differences(CarriedTables.All["sk-am62"].Json, PartitionTableJudge.Read(_temp["layout.img"])).ShouldBeEmpty();

        Directory.CreateDirectory(_temp["images/box"]);
        Directory.CreateDirectory(_temp["boards"]);
        File.WriteAllText(_temp["boards/own.yaml"], "description: own\nplatform: linux/arm64\ntable: {type: gpt}\npartitions:\n  - {name: all, type: root, size: rest, filesystem: ext4, mount: /}\nboot: {method: none}\n");
        void Write(string more) => File.WriteAllText(_temp["images/box/image.yaml"], $"description: a box\nsource: oci:{layout}:base\nboards: [from-container, own]\n{more}");
        IReadOnlyList<ReadPartition> Partitions(string board) => PartitionTableJudge.Read(_temp[$"out/box/box-{board}.img"]).Partitions;
        Write("");
        pipeline.Run("build", "--output", "out").ExitCode.ShouldBe(0);
        Partitions("own").ShouldHaveSingleItem().Name.ShouldBe("all");
        CarriedTables.Differences(label, PartitionTableJudge.Read(_temp["out/box/box-from-container.img"])).ShouldBeEmpty();
        File.Move(_temp["table.json"], _temp["images/box/table.json"]);
        Write("layout: table.json\n");
        pipeline.Run("build", "--output", "out").ExitCode.ShouldBe(0);
        Partitions("own").Select(p => (p.FirstLba, p.SectorCount)).ShouldBe(Partitions("from-container").Select(p => (p.FirstLba, p.SectorCount)));
        Partitions("own").Count.ShouldBe(3);
        File.WriteAllText(_temp["images/box/table.json"], """{"type":"gpt","partitions":[{"uuid":"b921b045-1df0-41c3-af44-4c6f280d3fae","mnt":"/","fs":{"type":"xfs"}}]}""");
        var wrong = pipeline.Run("validate");
        wrong.ExitCode.ShouldBe(1);
        wrong.Output.ShouldContain("images/box/image.yaml:4:9: error PL3205: the layout wants XFS at $.partitions[0].fs");
    }

    private string Container(string? label, string[] loaders)
    {
        var writer = new OciLayoutWriter(_temp["container"]);
        var files = loaders.Select(l => (l, Encoding.Latin1.GetString(Loader(l)))).Append(("etc/motd", "hello\n")).Append(("boot/efi/EFI/BOOT/BOOTAA64.EFI", "loader"));
        var tar = new TarBuilder();
        foreach (var (path, content) in files)
            tar.Add(new TarItem(path) { Content = Encoding.Latin1.GetBytes(content) });
        var layer = writer.AddLayer(tar.ToArray());
        (string, string)[] labels = label is null ? [] : [(CarriedTables.Label, label)];
        writer.Tag("base", writer.AddImage("linux/arm64", [layer], labels));
        writer.Tag("derived", writer.AddImage("linux/arm64", [layer, writer.AddLayer(("etc/issue", "derived\n"))], labels));
        return writer.DirectoryPath;
    }

    private static byte[] Loader(string name)
    {
        var bytes = new byte[70_000];
        for (var i = 0; i < bytes.Length; i++)
            bytes[i] = (byte)((i * 7) + name[i % name.Length]);
        return bytes;
    }

    private byte[] ReadAt(string image, long offset, int count)
    {
        using var file = File.OpenRead(_temp[image]);
        file.Position = offset;
        var bytes = new byte[count];
        file.ReadExactly(bytes);
        return bytes;
    }

    private void Build(string source, string output, params string[] more)
    {
        var built = new PipelineCommand(_temp.Path).Run(["build", "--from", source, "-o", output, .. more]);
        built.ExitCode.ShouldBe(0, built.Output);
    }
}
