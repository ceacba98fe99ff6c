using Pipeline.Core.Blocks;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Mbr;

public sealed class MbrWriterTests
{
    private static readonly MbrTable Table = new()
    {
        Signature = 0xDEADBEEF, Heads = 64, SectorsPerTrack = 32,
        Partitions = [new(0x0C, true, 2048, 131072), new(0x83, false, 133120, 4_000_000), new(0x82, false, 4_133_120, 8192), new(0xF8, false, 4_141_312, 2048)],
    };

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Sfdisk_reads_what_was_written(int sectorBytes)
    {
        using var temp = new TempDir();
        FileSink.Create(temp["mbr.img"], 4_200_000L * sectorBytes, sink => MbrWriter.Write(Table, sink));
        PartitionTableJudge.Complaints(temp["mbr.img"], sectorBytes).ShouldBeEmpty();
        var read = PartitionTableJudge.Read(temp["mbr.img"], sectorBytes);
        (read.Label, read.Id).ShouldBe(("dos", "0xdeadbeef"));
        read.Partitions.Select(p => (p.FirstLba, p.SectorCount, Convert.ToByte(p.Type, 16), p.Flags == "active"))
            .ShouldBe(Table.Partitions.Select(p => (p.FirstLba, p.SectorCount, p.Type, p.Active)));
    }

    /// <summary>Three primary partitions, and logical ones each behind a free sector or more.</summary>
    private static MbrTable Logical(int count, int sectorBytes) => new()
    {
        Signature = 0xDEADBEEF, SectorBytes = sectorBytes,
        Partitions = [.. Enumerable.Range(0, count).Select(i => new MbrPartition((byte)(i == 0 ? 0x0C : 0x83), i is 0 or 4, 2048 + 4096L * i, i % 2 == 0 ? 2000 : 2048)
        {
            BootRecordLba = i < 3 ? null : 2048 + 4096L * i - (i % 2 == 0 ? 1 : 2048),
        })],
    };

    [Theory]
    [InlineData(5, 512)]
    [InlineData(6, 4096)]
    [InlineData(MbrTable.MaxPartitions, 512)]
    public void Sfdisk_reads_logical_partitions(int count, int sectorBytes)
    {
        using var temp = new TempDir();
        var table = Logical(count, sectorBytes);
        FileSink.Create(temp["mbr.img"], 300_000L * sectorBytes, sink => MbrWriter.Write(table, sink));
        PartitionTableJudge.Complaints(temp["mbr.img"], sectorBytes).ShouldBeEmpty();
        var read = PartitionTableJudge.Read(temp["mbr.img"], sectorBytes).Partitions.Select(p => (p.FirstLba, p.SectorCount, Convert.ToByte(p.Type, 16), p.Flags == "active")).ToList();
        read[3].ShouldBe((table.Extended!.FirstLba, table.Extended.SectorCount, (byte)0x0F, false));
        read.RemoveAt(3);
        read.ShouldBe(table.Partitions.Select(p => (p.FirstLba, p.SectorCount, p.Type, p.Active)));
    }

    [Theory]
    [InlineData(446 + 15, "the length of the first logical partition")]
    [InlineData(446 + 11, "its place")]
    public void The_judge_sees_damage_in_a_boot_record(int place, string what)
    {
        using var temp = new TempDir();
        var table = Logical(5, 512);
        FileSink.Create(temp["mbr.img"], 300_000L * 512, sink => MbrWriter.Write(table, sink));
        Damage.FlipBit(temp["mbr.img"], table.Partitions[3].BootRecordLba!.Value * 512 + place, 0x40);
        PartitionTableJudge.Complaints(temp["mbr.img"]).ShouldNotBeEmpty(what);
    }

    [Theory]
    [InlineData(0, 4, 1)]
    [InlineData(3, 4, 4)]
    [InlineData(2, 5, 3)]
    [InlineData(3, 5, 5)]
    [InlineData(4, 5, 6)]
    public void Logical_partitions_count_from_five(int index, int count, int number) => MbrTable.NumberOf(index, count).ShouldBe(number);

    [Fact]
    public void Addresses_by_cylinder_follow_the_geometry_and_end_at_1023()
    {
        var sink = new MemorySink(512);
        MbrWriter.Write(Table, sink);
        // 2048 sectors are one cylinder of 64 heads and 32 sectors.
        Convert.ToHexString(sink.Bytes.Span[447..450]).ShouldBe("000101");
        Convert.ToHexString(sink.Bytes.Span[451..454]).ShouldBe("3F2040");
        Convert.ToHexString(sink.Bytes.Span[(462 + 5)..(462 + 8)]).ShouldBe("FEFFFF");
    }

    [Fact]
    public void Boot_code_stays_as_it_was()
    {
        var sink = new MemorySink(512);
        sink.Write(0, [.. Enumerable.Repeat((byte)0xAA, 440)]);
        MbrWriter.Write(Table, sink);
        sink.Bytes.Span[..440].ContainsAnyExcept((byte)0xAA).ShouldBeFalse();
    }

    [Fact]
    public void The_judge_sees_a_partition_that_leaves_the_disk()
    {
        using var temp = new TempDir();
        FileSink.Create(temp["mbr.img"], 4_200_000L * 512, sink => MbrWriter.Write(Table, sink));
        Damage.FlipBit(temp["mbr.img"], 446 + 15, 0x40);
        PartitionTableJudge.Complaints(temp["mbr.img"]).ShouldNotBeEmpty();
    }
}
