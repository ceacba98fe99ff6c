using System.Security.Cryptography;
using Pipeline.Core.Blocks;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Gpt;

public sealed class GptWriterTests
{
    private static readonly Guid Esp = new("c12a7328-f81f-11d2-ba4b-00a0c93ec93b");
    private static readonly Guid Root = new("4f68bce3-e8cd-4db1-96e7-fbcaf984b709");
    private static readonly Guid Disk = new("11111111-2222-8333-8444-555555555555");

    /// <summary>What sgdisk says about any table that is not the usual one.</summary>
    private static readonly string[] Remarks = ["Warning: There is a gap between", "Warning: The size of the partition table (7168 bytes) is less"];

    [Theory]
    [InlineData("128-entries", 512, 128, 2)]
    [InlineData("56-entries", 512, 56, 2)]
    [InlineData("moved-entries", 512, 128, 1024)]
    [InlineData("4096", 4096, 128, 2)]
    public void Sgdisk_and_sfdisk_find_no_fault_and_read_what_was_written(string name, int sectorBytes, int entryCount, long entriesLba)
    {
        using var temp = new TempDir();
        var table = Table(sectorBytes, entryCount, entriesLba);
        FileSink.Create(temp["gpt.img"], table.DiskBytes, sink => GptWriter.Write(table, sink));
        PartitionTableJudge.Complaints(temp["gpt.img"], sectorBytes, Remarks).ShouldBeEmpty();
        var read = PartitionTableJudge.Read(temp["gpt.img"], sectorBytes);
        (read.Label, read.Id).ShouldBe(("gpt", Disk.ToString().ToUpperInvariant()));
        read.Partitions.Select(p => (p.Name, p.FirstLba, p.FirstLba + p.SectorCount - 1, Guid.Parse(p.Type), Guid.Parse(p.Id)))
            .ShouldBe(table.Slots.Select(s => (s.Name, s.FirstLba, s.LastLba, s.TypeGuid, s.UniqueGuid)));
        read.Partitions[1].Flags.ShouldBe("RequiredPartition LegacyBIOSBootable GUID:59");
        Golden.Match(name + ".map", table.Regions().ToMap() + $"sha256 {Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(temp["gpt.img"])))}\n");
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void A_hybrid_mbr_shows_partitions_beside_the_gpt(int sectorBytes)
    {
        using var temp = new TempDir();
        var table = Table(sectorBytes, 128, 2);
        var first = table.Slots[0];
        table = table with { Hybrid = [new(0x0C, true, first.FirstLba, first.LastLba - first.FirstLba + 1)] };
        FileSink.Create(temp["gpt.img"], table.DiskBytes, sink => GptWriter.Write(table, sink));
        PartitionTableJudge.Complaints(temp["gpt.img"], sectorBytes, [.. Remarks, .. HybridRemarks]).ShouldBeEmpty();
        PartitionTableJudge.Read(temp["gpt.img"], sectorBytes).Partitions.Count.ShouldBe(table.Slots.Length);
        var mbr = MbrEntries(temp["gpt.img"]);
        mbr.ShouldBe([(0x80, 0x0C, first.FirstLba, first.LastLba - first.FirstLba + 1), (0, 0xEE, 1, first.FirstLba - 1), (0, 0, 0, 0), (0, 0, 0, 0)]);
        if (sectorBytes == 512)
            Tool.Require("sgdisk", "-O", temp["gpt.img"]).ShouldMatch(@"\* +16384 +32767 +primary +0x0C");
    }

    /// <summary>What the tools say about every hybrid MBR.</summary>
    private static readonly string[] HybridRemarks = ["The primary partition table", "Partition table holds a hybrid", "GPT PMBR", "A hybrid GPT was detected"];

    private static List<(byte Status, byte Type, long FirstLba, long Sectors)> MbrEntries(string path)
    {
        var sector = File.ReadAllBytes(path).AsSpan(0, 512);
        var entries = new List<(byte, byte, long, long)>();
        for (var i = 446; i < 510; i += 16)
            entries.Add((sector[i], sector[i + 4], BitConverter.ToUInt32(sector[(i + 8)..]), BitConverter.ToUInt32(sector[(i + 12)..])));
        return entries;
    }

    [Fact]
    public void Every_attribute_bit_is_written()
    {
        using var temp = new TempDir();
        var table = Table(512, 128, 2);
        for (var bit = 0; bit < 64; bit += 21)
        {
            var one = table with { Slots = [table.Slots[0] with { Attributes = 1UL << bit }] };
            FileSink.Create(temp["gpt.img"], table.DiskBytes, sink => GptWriter.Write(one, sink));
            Tool.Require("sgdisk", "-i", "1", temp["gpt.img"]).ShouldContain($"Attribute flags: {1UL << bit:X16}");
        }
    }

    [Theory]
    [InlineData("a bit of the primary's disk guid", 512 + 56)]
    [InlineData("a bit of a primary entry", 1024 + 60)]
    [InlineData("a bit of the backup header", -512 + 56)]
    [InlineData("a bit of a backup entry", -33 * 512 + 60)]
    public void The_judge_sees(string what, long place)
    {
        using var temp = new TempDir();
        var table = Table(512, 128, 2);
        FileSink.Create(temp["gpt.img"], table.DiskBytes, sink => GptWriter.Write(table, sink));
        Damage.FlipBit(temp["gpt.img"], place < 0 ? table.DiskBytes + place : place);
        PartitionTableJudge.Complaints(temp["gpt.img"]).ShouldNotBeEmpty(what);
    }

    [Fact]
    public void The_judge_sees_a_broken_header_on_4096_byte_sectors()
    {
        using var temp = new TempDir();
        var table = Table(4096, 128, 2);
        FileSink.Create(temp["gpt.img"], table.DiskBytes, sink => GptWriter.Write(table, sink));
        Damage.FlipBit(temp["gpt.img"], 4096 + 56);
        PartitionTableJudge.Complaints(temp["gpt.img"], 4096).ShouldNotBeEmpty();
    }

    [Fact]
    public void Boot_code_stays_as_it_was_and_the_first_usable_sector_stays_34()
    {
        var table = Table(512, 56, 2);
        table.FirstUsableLba.ShouldBe(34);
        var sink = new MemorySink(table.DiskBytes);
        sink.Write(0, [.. Enumerable.Repeat((byte)0xAA, 440)]);
        GptWriter.Write(table, sink);
        sink.Bytes.Span[..440].ContainsAnyExcept((byte)0xAA).ShouldBeFalse();
    }

    private static GptTable Table(int sectorBytes, int entryCount, long entriesLba)
    {
        long mebibyte = (1 << 20) / sectorBytes;
        return new()
        {
            DiskGuid = Disk, SectorBytes = sectorBytes, DiskBytes = 64 << 20, EntryCount = entryCount, EntriesLba = entriesLba,
            FirstUsableLba = GptTable.DefaultFirstUsableLba(entryCount, entriesLba, sectorBytes),
            Slots =
            [
                new("EFI system", Esp, new("aaaaaaaa-0000-8000-8000-000000000001"), 8 * mebibyte, 16 * mebibyte - 1, 0),
                new("root ☃ with thirty-six UTF-16 units.", Root, new("aaaaaaaa-0000-8000-8000-000000000002"), 16 * mebibyte, 63 * mebibyte - 1, 1 | 4 | 1UL << 59),
            ],
        };
    }
}
