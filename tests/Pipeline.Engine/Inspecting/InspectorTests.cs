using System.Collections.Immutable;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Text.Json;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Fat;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Mbr;
using Pipeline.Disk.Swap;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Inspecting;

public sealed class InspectorTests
{
    private const long MiB = 1 << 20;
    private static readonly Guid Uuid = new("01234567-89ab-8def-8123-456789abcdef");

    [Theory]
    [InlineData("gpt", 512)]
    [InlineData("gpt-4096", 4096)]
    public void A_gpt_disk_is_shown_with_all_that_lies_on_it(string name, int sectorBytes)
    {
        using var temp = new TempDir();
        GptDisk(temp["disk.img"], sectorBytes);
        var result = Inspector.Read(temp["disk.img"], CancellationToken.None);
        result.Diagnostics.ShouldBeEmpty();
        Golden.Match(name + ".txt", ImageMapText.Render(result.Value! with { Path = "disk.img" }));
        result.Value!.Sha256.ShouldBe("sha256:" + Tool.Require("sha256sum", temp["disk.img"])[..64]);
    }

    [Fact]
    public void An_mbr_disk_is_shown_with_its_loader()
    {
        using var temp = new TempDir();
        MbrDisk(temp["disk.img"]);
        var result = Inspector.Read(temp["disk.img"], CancellationToken.None);
        result.Diagnostics.ShouldBeEmpty();
        Golden.Match("mbr.txt", ImageMapText.Render(result.Value! with { Path = "disk.img" }));
    }

    [Fact]
    public void The_map_is_the_same_after_a_trip_through_json()
    {
        using var temp = new TempDir();
        GptDisk(temp["disk.img"], 512);
        var map = Inspector.Read(temp["disk.img"], CancellationToken.None).Value!;
        var json = JsonSerializer.Serialize(map);
        ImageMapText.Render(JsonSerializer.Deserialize<ImageMap>(json)!).ShouldBe(ImageMapText.Render(map));
    }

    [Fact]
    public void Partitions_equal_what_sfdisk_reads_from_a_disk_it_made()
    {
        using var temp = new TempDir();
        Empty(temp["disk.img"], 64 * MiB);
        Tool.Run(new ProcessStartInfo("sfdisk", ["-q", temp["disk.img"]]), "label: dos\n2048,8M,c,*\n,8M,83\n,,E\n,4M,82\n,4M,83\n").ExitCode.ShouldBe(0);
        var map = Inspector.Read(temp["disk.img"], CancellationToken.None);
        map.Diagnostics.ShouldBeEmpty();
        var theirs = PartitionTableJudge.Read(temp["disk.img"]).Partitions;
        map.Value!.Partitions.Select(p => (p.OffsetBytes / 512, p.LengthBytes / 512, p.Type)).ShouldBe(
            theirs.Select(p => (p.FirstLba, p.SectorCount, $"0x{Convert.ToByte(p.Type, 16):x2}")));
        map.Value.Partitions.Select(p => p.Number).ShouldBe([1, 2, 3, 5, 6]);
    }

    [Theory]
    [InlineData("ext4", "-t", "ext4")]
    [InlineData("ext2", "-t", "ext2")]
    [InlineData("squashfs")]
    [InlineData("erofs")]
    [InlineData("iso9660")]
    [InlineData("fat16")]
    public void File_systems_of_real_tools_are_known(string kind, params string[] options)
    {
        using var temp = new TempDir();
        var image = temp["fs.img"];
        Directory.CreateDirectory(temp["tree"]);
        File.WriteAllBytes(temp["tree/file"], new byte[500_000]);
        if (kind is not ("squashfs" or "erofs" or "iso9660"))
            Empty(image, 32 * MiB);
        Tool.Require(kind switch { "squashfs" => "mksquashfs", "erofs" => "mkfs.erofs", "iso9660" => "xorriso", "fat16" => "mkfs.fat", _ => "mke2fs" }, kind switch
        {
            "squashfs" => [temp["tree"], image, "-quiet", "-no-progress"],
            "erofs" => ["--quiet", "-U", $"{Uuid}", image, temp["tree"]],
            "iso9660" => ["-as", "mkisofs", "-quiet", "-V", "LABEL", "-o", image, temp["tree"]],
            "fat16" => ["-n", "LABEL", "-i", "cafebabe", image],
            _ => ["-q", "-L", "LABEL", "-U", $"{Uuid}", "-d", temp["tree"], .. options, image],
        });
        var result = Inspector.Read(image, CancellationToken.None);
        result.Diagnostics.ShouldBeEmpty();
        var found = result.Value!.FileSystem.ShouldNotBeNull();
        var blkid = Tool.Require("blkid", "-p", "-o", "export", image).Split('\n').Where(l => l.Contains('=', StringComparison.Ordinal)).ToDictionary(l => l.Split('=')[0], l => l[(l.IndexOf('=', StringComparison.Ordinal) + 1)..]);
        (kind.StartsWith("fat", StringComparison.Ordinal) ? "vfat" : found.Kind).ShouldBe(blkid["TYPE"]);
        found.Kind.ShouldBe(kind);
        found.Label.ShouldBe(blkid.GetValueOrDefault("LABEL"));
        if (kind != "iso9660")
            found.Id.ShouldBe(blkid.GetValueOrDefault("UUID"));
        found.LengthBytes!.Value.ShouldBeInRange(kind == "squashfs" ? 1 : new FileInfo(image).Length / 2, new FileInfo(image).Length);
    }

    [Fact]
    public void Used_space_of_ext4_equals_what_dumpe2fs_counts()
    {
        using var temp = new TempDir();
        Empty(temp["fs.img"], 32 * MiB);
        Tool.Require("mke2fs", "-q", "-t", "ext4", "-b", "1024", temp["fs.img"]);
        var lines = Tool.Require("dumpe2fs", "-h", temp["fs.img"]).Split('\n');
        long Number(string key) => long.Parse(lines.First(l => l.StartsWith(key, StringComparison.Ordinal)).Split(':')[1]);
        Inspector.Read(temp["fs.img"], CancellationToken.None).Value!.FileSystem!.UsedBytes.ShouldBe((Number("Block count:") - Number("Free blocks:")) * 1024);
    }

    public static TheoryData<string, string> GptDamage => new()
    {
        { "primary header", "PL6110" }, { "primary entries", "PL6110" }, { "backup header", "PL6111" }, { "backup entries", "PL6111" },
        { "both headers", "PL6112" }, { "cut off", "PL6111" }, { "made longer", "PL6114" }, { "no mbr", "PL6115" }, { "hybrid mbr", "PL6116" },
        { "fat backup", "PL6131" }, { "swap too long", "PL6130" },
    };

    [Theory]
    [MemberData(nameof(GptDamage))]
    public void Damage_becomes_a_warning_beside_the_map(string damage, string code)
    {
        using var temp = new TempDir();
        var image = temp["disk.img"];
        GptDisk(image, 512);
        var length = new FileInfo(image).Length;
        switch (damage)
        {
            case "primary header" or "both headers": Damage.FlipBit(image, 512 + 56); break;
            case "primary entries": Damage.FlipBit(image, 1024 + 60); break;
            case "backup header": Damage.FlipBit(image, length - 512 + 56); break;
            case "backup entries": Damage.FlipBit(image, length - 33 * 512 + 60); break;
            case "cut off": SetLength(image, length - MiB); break;
            case "made longer": SetLength(image, length + MiB); break;
            case "no mbr": Damage.FlipBit(image, 510); break;
            case "hybrid mbr": Damage.FlipBit(image, 466, 0x0C); break;
            case "fat backup": Damage.FlipBit(image, MiB + 6 * 512 + 100); break;
            case "swap too long": Damage.FlipBit(image, 41 * MiB + 1028 + 3); break;
        }
        if (damage == "both headers")
            Damage.FlipBit(image, length - 512 + 56);
        var result = Inspector.Read(image, CancellationToken.None);
        result.Diagnostics.Select(d => d.Rule.Code).ShouldContain(code);
        result.IsOk.ShouldBeTrue();
        if (damage != "both headers")
            result.Value!.Partitions.Length.ShouldBe(2);
    }

    [Theory]
    [InlineData("missing", "PL6100")]
    [InlineData("directory", "PL6101")]
    [InlineData("empty", "PL6101")]
    [InlineData("pipe", "PL6101")]
    [InlineData("gzip", "PL6102")]
    [InlineData("xz", "PL6102")]
    public void What_is_no_image_is_refused(string what, string code)
    {
        using var temp = new TempDir();
        var path = temp["x"];
        if (what == "directory")
            Directory.CreateDirectory(path);
        else if (what == "pipe")
            Tool.Require("mkfifo", path);
        else if (what != "missing")
            File.WriteAllBytes(path, what switch { "gzip" => [0x1F, 0x8B, 8, 0, 0, 0, 0], "xz" => [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0, 0], _ => [] });
        var result = Inspector.Read(path, CancellationToken.None);
        result.IsOk.ShouldBeFalse();
        result.Diagnostics.Select(d => d.Rule.Code).ShouldBe([code]);
    }

    [Fact]
    public void Whatever_bytes_come_there_is_an_answer()
    {
        var seed = Environment.TickCount;
        using var temp = new TempDir();
        GptDisk(temp["gpt.img"], 512);
        MbrDisk(temp["mbr.img"]);
        byte[][] samples = [Start(temp["gpt.img"]), Start(temp["mbr.img"]), .. Superblocks()];
        for (var round = 0; round < 200; round++)
        {
            var random = new Random(seed + round);
            var bytes = (byte[])samples[random.Next(samples.Length)].Clone();
            if (round % 8 == 0)
                random.NextBytes(bytes);
            for (var flips = random.Next(1, 40); flips > 0; flips--)
                bytes[random.Next(3) == 0 ? random.Next(bytes.Length) : random.Next(Math.Min(bytes.Length, 2048))] = (byte)(random.Next(3) == 0 ? 0xFF : random.Next(256));
            File.WriteAllBytes(temp["fuzz.img"], bytes[..random.Next(bytes.Length / 2, bytes.Length)]);
            var result = Should.NotThrow(() => Inspector.Read(temp["fuzz.img"], CancellationToken.None), $"seed {seed + round}");
            if (result.Value is not null)
                Should.NotThrow(() => ImageMapText.Render(result.Value), $"seed {seed + round}").ShouldNotBeEmpty();
        }
    }

    /// <summary>The protective parts with right checksums, so that the fuzzing gets behind them.</summary>
    private static IEnumerable<byte[]> Superblocks()
    {
        foreach (var (place, magic) in new (int, byte[])[] { (1024 + 56, [0x53, 0xEF]), (0, "hsqs"u8.ToArray()), (1024, [0xE2, 0xE1, 0xF5, 0xE0]), (32769, "CD001"u8.ToArray()), (4086, "SWAPSPACE2"u8.ToArray()) })
        {
            var bytes = new byte[70_000];
            magic.CopyTo(bytes, place);
            if (place == 32769)
                bytes[32768] = 1;
            yield return bytes;
        }
        foreach (var entriesBytes in new[] { 128, 4096 })
            yield return HostileGpt(entriesBytes);
    }

    private static byte[] HostileGpt(int seed)
    {
        var table = new GptTable
        {
            DiskGuid = Uuid, SectorBytes = 512, DiskBytes = 70_656, FirstUsableLba = long.MinValue,
            Slots = [new("a", Uuid, Uuid, -5, long.MaxValue, ulong.MaxValue), new("b\u001B[2J", Uuid, Uuid, 7, 3, 0), new("\uD800", Uuid, Uuid, 40, 60 + seed, 0), new("d", Uuid, Uuid, 50, 120, 0)],
        };
        var sink = new MemorySink(70_656);
        GptWriter.Write(table, sink);
        return sink.Bytes.ToArray();
    }

    [Fact]
    public void Names_cannot_steer_a_terminal()
    {
        using var temp = new TempDir();
        File.WriteAllBytes(temp["x.img"], HostileGpt(1));
        var result = Inspector.Read(temp["x.img"], CancellationToken.None);
        ImageMapText.Render(result.Value!).ShouldNotContain("\u001B");
        result.Diagnostics.Select(d => d.Rule.Code).ShouldBe(["PL6122", "PL6122", "PL6120", "PL6121"], ignoreOrder: true);
    }

    private static byte[] Start(string path) => File.ReadAllBytes(path)[..(200 << 10)];

    private static void GptDisk(string path, int sectorBytes)
    {
        var tree = new FileTree();
        tree.Set("/EFI/BOOT/BOOTAA64.EFI", new RegularFile { Content = FileContent.Of(new byte[300_000]) });
        var fat = new FatWriter(FatLayout.Place(tree, new() { VolumeId = 0xCAFEBABE, Label = "ESP", FatBits = 32, SectorBytes = sectorBytes, LengthBytes = (sectorBytes == 512 ? 40 : 300) * MiB }, null).Value!);
        var swap = new SwapWriter(SwapLayout.Place(8 * MiB, Uuid, "swap", null).Value!);
        var swapOffset = MiB + fat.LengthBytes;
        var table = new GptTable
        {
            DiskGuid = Uuid, SectorBytes = sectorBytes, DiskBytes = swapOffset + 9 * MiB,
            FirstUsableLba = GptTable.DefaultFirstUsableLba(128, 2, sectorBytes),
            Slots =
            [
                new("esp", new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b"), new(1, 0, 0, new byte[8]), MiB / sectorBytes, swapOffset / sectorBytes - 1, 1 | 1UL << 59),
                new("swap", new("0657fd6d-a4ab-43c4-84e5-0933c84b4f4f"), new(2, 0, 0, new byte[8]), swapOffset / sectorBytes, (swapOffset + 8 * MiB) / sectorBytes - 1, 0),
            ],
        };
        FileSink.Create(path, table.DiskBytes, sink =>
        {
            foreach (var (writer, offset) in new (Disk.IFileSystemWriter, long)[] { (fat, MiB), (swap, swapOffset) })
            {
                var window = new SinkWindow(sink, offset, writer.LengthBytes);
                writer.Pour(window, 1, CancellationToken.None);
                writer.Seal(window, CancellationToken.None);
            }
            sink.Write(64 * 512, [.. "RKNS"u8, .. Enumerable.Repeat((byte)7, 9_000)]);
            GptWriter.Write(table, sink);
        });
    }

    private static void MbrDisk(string path) => FileSink.Create(path, 16 * MiB, sink =>
    {
        sink.Write(0, [0xEB, 0x63, 0x90]);
        sink.Write(8192, [0x16, 0, 0, 0xEA, .. "eGON.BT0"u8, .. Enumerable.Repeat((byte)1, 30_000)]);
        sink.Write(40 << 10, [0xD0, 0x0D, 0xFE, 0xED, .. Enumerable.Repeat((byte)2, 5_000)]);
        sink.Write(900 << 10, [0xD0, 0x0D, 0xFE, 0xED, 1]);
        MbrWriter.Write(new() { Signature = 0xDEADBEEF, Partitions = [new(0x0C, true, 4096, 8192), new(0x83, false, 16384, 4096)] }, sink);
    });

    private static void Empty(string path, long length)
    {
        using var file = File.Create(path);
        file.SetLength(length);
    }

    private static void SetLength(string path, long length)
    {
        using var file = File.OpenWrite(path);
        file.SetLength(length);
    }
}
