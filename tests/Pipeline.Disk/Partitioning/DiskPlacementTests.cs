using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Mbr;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Partitioning;

public sealed class DiskPlacementTests
{
    private const long KiB = 1 << 10;
    private const long MiB = 1 << 20;
    private const long GiB = 1 << 30;
    private static readonly SourceSpan Span = new("boards/b.yaml", 7, 3);

    [Fact]
    public void A_disk_without_a_size_is_just_large_enough()
    {
        var placed = Place(Gpt([Part("esp", 64 * MiB), Part("root", null, least: 1000 * MiB + 17)]));
        placed.Partitions.ShouldBe([new("esp", MiB, 64 * MiB), new("root", 65 * MiB, 1001 * MiB)]);
        placed.FirstUsableLba.ShouldBe(34);
        placed.DiskBytes.ShouldBe(1067 * MiB);
        Place(Gpt([Part("esp", 64 * MiB)]) with { PowerOfTwo = true }).DiskBytes.ShouldBe(128 * MiB);
        Place(Mbr([Part("boot", 63 * MiB)])).DiskBytes.ShouldBe(64 * MiB);
    }

    [Fact]
    public void A_rest_takes_no_more_than_its_maximum()
    {
        var request = Gpt([Part("root", null) with { MaximumBytes = 100 * MiB }, Part("data", 64 * MiB)]) with { DiskBytes = GiB };
        Place(request).Partitions.ShouldBe([new("root", MiB, 100 * MiB), new("data", 959 * MiB, 64 * MiB)]);
    }

    [Fact]
    public void From_the_fourth_of_five_on_partitions_of_an_mbr_are_logical()
    {
        var request = Mbr([Part("a", MiB), Part("b", MiB), Part("c", MiB), Part("d", MiB), Part("e", MiB, at: 9 * MiB), Part("f", null), Part("g", 2 * MiB)]) with
        {
            DiskBytes = 64 * MiB, Blobs = [Blob("fit", 10 * MiB, MiB)],
        };
        Place(request).Partitions.ShouldBe([
            new("a", MiB, MiB), new("b", 2 * MiB, MiB), new("c", 3 * MiB, MiB),
            new("d", 5 * MiB, MiB) { BootRecordBytes = 4 * MiB }, new("e", 9 * MiB, MiB) { BootRecordBytes = 9 * MiB - 512 },
            new("f", 12 * MiB, 49 * MiB) { BootRecordBytes = 11 * MiB }, new("g", 62 * MiB, 2 * MiB) { BootRecordBytes = 61 * MiB }]);
        DiskPlacement.TableRegions(request, Place(request)).Count(r => r.Name == "extended boot record").ShouldBe(4);
    }

    [Fact]
    public void The_rest_grows_between_what_lies_before_and_behind_it()
    {
        var request = Gpt([Part("esp", 64 * MiB), Part("root", null), Part("data", 100 * MiB), Part("last", 16 * MiB)]) with { DiskBytes = GiB };
        Place(request).Partitions.ShouldBe([
            new("esp", MiB, 64 * MiB), new("root", 65 * MiB, 842 * MiB), new("data", 907 * MiB, 100 * MiB), new("last", 1007 * MiB, 16 * MiB)]);
    }

    [Fact]
    public void The_rest_ends_before_a_blob_and_begins_behind_one()
    {
        var request = Gpt([Part("root", null, least: 8 * MiB)]) with
        {
            DiskBytes = GiB, Blobs = [Blob("spl", 32 * KiB, 900 * KiB), Blob("uboot", 4 * MiB, 4 * MiB), Blob("tail", 512 * MiB, MiB)],
        };
        Place(request).Partitions.ShouldBe([new("root", 8 * MiB, 504 * MiB)]);
    }

    [Fact]
    public void Partitions_step_over_blobs_and_into_gaps_that_fit()
    {
        var request = Mbr([Part("small", 3 * MiB), Part("large", 100 * MiB)]) with { Blobs = [Blob("spl", 8 * KiB, MiB), Blob("fit", 8 * MiB, 8 * MiB)] };
        Place(request).Partitions.ShouldBe([new("small", 2 * MiB, 3 * MiB), new("large", 16 * MiB, 100 * MiB)]);
    }

    [Fact]
    public void A_blob_may_lie_in_a_partition_if_told_so()
    {
        var request = Gpt([Part("spl", 2 * MiB)]) with { Blobs = [Blob("spl", MiB, MiB) with { MayLieInPartition = true }] };
        Place(request).Partitions.ShouldBe([new("spl", MiB, 2 * MiB)]);
    }

    [Fact]
    public void A_blob_over_the_mbr_is_fine_where_it_keeps_the_table()
    {
        var blob = Blob("u-boot.bin.sd.bin", 0, MiB) with { KeepRanges = [(440, 512)] };
        blob.Pieces().ShouldBe([new(0, 440, blob.Name), new(512, MiB - 512, blob.Name)]);
        Place(Mbr([Part("root", GiB)]) with { Blobs = [blob] }).Blobs.ShouldBe([new(0, MiB, blob.Name)]);
    }

    [Theory]
    [InlineData(512, 34)]
    [InlineData(4096, 6)]
    public void Sectors_of_either_size_give_tables_that_real_tools_accept(int sectorBytes, long firstUsableLba)
    {
        using var temp = new TempDir();
        var request = Gpt([Part("esp", 33 * MiB + 5), Part("root", null)]) with { SectorBytes = sectorBytes, DiskBytes = 256 * MiB };
        var placed = Place(request);
        placed.FirstUsableLba.ShouldBe(firstUsableLba);
        var table = new GptTable
        {
            DiskGuid = new("11111111-2222-8333-8444-555555555555"), SectorBytes = sectorBytes, DiskBytes = placed.DiskBytes,
            FirstUsableLba = placed.FirstUsableLba,
            Slots = [.. placed.Partitions.Select((p, i) => new GptSlot(p.Name, new("0fc63daf-8483-4772-8e79-3d69d8477de4"), new(i + 1, 0, 0, new byte[8]),
                p.OffsetBytes / sectorBytes, p.Region.EndBytes / sectorBytes - 1, 0))],
        };
        FileSink.Create(temp["disk.img"], placed.DiskBytes, sink => GptWriter.Write(table, sink));
        PartitionTableJudge.Complaints(temp["disk.img"], sectorBytes, "Caution: Partition 1 doesn't end on").ShouldBeEmpty();
    }

    public static TheoryData<string, string, string> Mistakes => new()
    {
        { "sixty partitions in an mbr", "PL4101", "an MBR holds at most 59 partitions, logical ones included, this layout has 60; use gpt, or fewer partitions" },
        { "no sector for a boot record", "PL4105", "the boot record of the logical partition 'd' belongs at byte 4193792, where 'c' lies (to byte 4194304); begin the partition at 4194816 or behind it, or leave out its offset" },
        { "blob over a boot record", "PL4105", "the boot record of the logical partition 'd' belongs at byte 8388096, where 'spl' lies (to byte 8388608); begin the partition at 8389120 or behind it, or leave out its offset" },
        { "logical before primary", "PL4106", "the logical partition 'd' begins at byte 1048576, before 'a' at 2097152; logical partitions (all from the fourth on) lie behind the others, in their order" },
        { "hybrid beyond 2 TiB", "PL4107", "partition 'huge' ends at sector 6442452991, an entry of a hybrid MBR reaches only 4294967295; place it further to the front" },
        { "maximum below content", "PL4715", "partition 'root' may have at most 8 MiB, but needs 9 MiB; raise the maximum, or lower its minimum, content or free space" },
        { "beyond 2 TiB in an mbr", "PL4102", "partition 'huge' ends at sector 6442452991, an MBR reaches only 4294967295 (2 TiB); use gpt, or make it smaller" },
        { "blob over mbr", "PL4103", "blob 'boot' covers bytes 0 to 1024, but bytes 440 to 511 hold the partition table; let it keep them, or place it behind them" },
        { "partition over mbr", "PL4104", "partition 'p' begins at byte 0, the first place for partitions is 512; move it there or behind it" },
        { "too few entries", "PL4201", "this GPT has 4 entries, the layout has 5 partitions; set entries: 8, or fewer partitions" },
        { "long name", "PL4202", $"partition name '{new string('n', 37)}' has 37 UTF-16 units, a GPT holds 36; shorten it" },
        { "blob over gpt header", "PL4203", "blob 'bl1' covers bytes 512 to 1536, but the GPT header lies at 512 to 1024; use mbr, or place the blob behind the GPT" },
        { "blob over gpt entries", "PL4204", "blob 'spl' begins at byte 8192, but the 128 entries of the GPT end at 17408; a GPT of 56 entries ends at byte 8192: set entries: 56, or use mbr" },
        { "blob before gpt entries", "PL4204", "blob 'spl' begins at byte 1024, but the 128 entries of the GPT end at 17408; use mbr, or move the entries behind the blob" },
        { "blob over backup gpt", "PL4205", "blob 'tail' ends at byte 67108864, but the backup GPT begins at 67091968; move the blob, or make the disk larger" },
        { "partition over gpt", "PL4206", "partition 'p' begins at byte 16384, the first usable sector of this GPT is 34 (byte 17408); move it there or behind it" },
        { "first usable inside gpt", "PL4207", "first usable sector 20 lies inside the GPT, whose 128 entries end at sector 34; set it to 34 or more, or leave it out" },
        { "no entries", "PL4208", "a GPT of 0 entries, expected 4 to 1024" },
        { "entries over header", "PL4209", "the GPT entries begin at sector 1, expected 2 or more" },
        { "partitions overlap", "PL4701", "partitions 'a' (bytes 1048576 to 11534336) and 'b' (bytes 2097152 to 12582912) overlap; move or shrink one of them" },
        { "blobs overlap", "PL4702", "blobs 'spl' (bytes 32768 to 98304) and 'fit' (bytes 65536 to 131072) overlap; move one of them, or lower its limit" },
        { "blob over partition", "PL4703", "blob 'fit' (bytes 2097152 to 3145728) lies over partition 'p' (bytes 1048576 to 5242880); move the partition to byte 3145728 or behind it, or lower the blob's limit" },
        { "two rests", "PL4704", "partitions 'a' and 'b' both take the rest of the disk; give one of them a size" },
        { "off sector", "PL4705", "partition 'p' begins at byte 1049000, which is not on a sector of 512 bytes; the next one is at 1049088" },
        { "beyond disk", "PL4706", "partition 'p' ends at byte 105906176, the room for partitions at 67091968 on a disk of 64 MiB; make it smaller, or the disk at least 102 MiB" },
        { "blob beyond disk", "PL4707", "blob 'fit' ends at byte 68157440, the disk at 67108864; move it, lower its limit, or make the disk larger" },
        { "fixed too small", "PL4708", "partition 'p' has 8 MiB, its content needs 9 MiB; make it larger, or let it be sized by its content" },
        { "rest too small", "PL4709", "partition 'root' takes the rest of the disk, which is 60 MiB, its content needs 80 MiB; make the disk at least 84 MiB" },
        { "odd sector", "PL4710", "the sector size is 520 bytes, expected 512 or 4096" },
        { "odd alignment", "PL4710", "the alignment is 1000 bytes, expected a multiple of 512" },
        { "negative offset", "PL4710", "the offset of partition 'p' is -512 bytes, expected 0 to 1152921504606846976" },
        { "blob across edge", "PL4711", "blob 'spl' (bytes 1048576 to 3145728) crosses an edge of partition 'p' (bytes 1048576 to 2097152); it may lie wholly inside it, or wholly outside" },
        { "disk too small", "PL4712", "a disk of 16 KiB has no room beside its partition table; make it at least 1041 KiB" },
        { "no room before the end", "PL4713", "partition 'late' of 80 MiB finds no room before the end of the disk; make the disk at least 83 MiB" },
        { "too many blobs", "PL4714", "this layout has 257 blobs, expected at most 256" },
    };

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Each_mistake_is_named(string mistake, string code, string message)
    {
        var result = DiskPlacement.Place(Mistaken(mistake));
        result.IsOk.ShouldBeFalse();
        result.Diagnostics.Select(d => (d.Rule.Code, d.Message)).ShouldContain((code, message));
        DiskPlacement.Place(Mistaken(mistake)).Diagnostics.ShouldBe(result.Diagnostics);
    }

    [Fact]
    public void Mistakes_that_have_nothing_to_do_with_each_other_come_in_one_run()
    {
        var request = Mbr([Part("a", 4 * MiB, at: MiB), Part("b", 4 * MiB, at: 2 * MiB), Part("c", MiB, at: 9 * MiB + 1), Part("d", MiB, least: GiB) with { MaximumBytes = MiB }])
            with { Blobs = [Blob("boot", 0, 600), Blob("spl", 512, 9000)] };
        DiskPlacement.Place(request).Diagnostics.Select(d => d.Rule.Code).Order(StringComparer.Ordinal)
            .ShouldBe(["PL4103", "PL4701", "PL4702", "PL4705", "PL4708", "PL4715"]);
        DiskPlacement.Place(request).Diagnostics.ShouldAllBe(d => d.Span == Span);
    }

    [Fact]
    public void Random_requests_never_overlap_and_always_give_the_same_answer()
    {
        var seed = Environment.TickCount;
        var placedCount = 0;
        for (var round = 0; round < 3000; round++)
        {
            var random = new Random(seed + round);
            var request = RandomRequest(random);
            var result = DiskPlacement.Place(request);
            var again = DiskPlacement.Place(request);
            again.Diagnostics.ShouldBe(result.Diagnostics, $"seed {seed + round}");
            if (!result.IsOk)
                continue;
            placedCount++;
            again.Value!.Partitions.ShouldBe(result.Value!.Partitions, $"seed {seed + round}");
            ShouldBeSound(request, result.Value, seed + round);
        }
        placedCount.ShouldBeGreaterThan(300);
    }

    private static void ShouldBeSound(PlacementRequest request, Placement placed, int seed)
    {
        var regions = placed.Partitions.Select(p => p.Region)
            .Concat(request.Blobs.SelectMany(b => b.Pieces()))
            .Concat(DiskPlacement.TableRegions(request, placed))
            .OrderBy(r => r.OffsetBytes).ToList();
        for (var i = 1; i < regions.Count; i++)
            regions[i].OffsetBytes.ShouldBeGreaterThanOrEqualTo(regions[i - 1].EndBytes, $"seed {seed}\n{regions.ToMap()}");
        regions[^1].EndBytes.ShouldBeLessThanOrEqualTo(placed.DiskBytes, $"seed {seed}");
        var logical = placed.Partitions.Where(p => p.BootRecordBytes is not null).ToList();
        logical.Count.ShouldBe(request.Table == TableKind.Mbr && placed.Partitions.Length > 4 ? placed.Partitions.Length - 3 : 0, $"seed {seed}");
        logical.Select(p => p.BootRecordBytes!.Value).ShouldBeInOrder(SortDirection.Ascending, $"seed {seed}");
        if (logical.Count > 0)
            placed.Partitions[..3].ShouldAllBe(p => p.OffsetBytes + p.LengthBytes <= logical[0].BootRecordBytes, $"seed {seed}");
        foreach (var (wanted, got) in request.Partitions.Zip(placed.Partitions))
        {
            got.LengthBytes.ShouldBeGreaterThanOrEqualTo(Math.Max(wanted.MinimumBytes, wanted.LengthBytes ?? 1), $"seed {seed}");
            (got.OffsetBytes % request.SectorBytes, got.LengthBytes % request.SectorBytes).ShouldBe((0, 0), $"seed {seed}");
            (wanted.OffsetBytes ?? got.OffsetBytes).ShouldBe(got.OffsetBytes, $"seed {seed}");
        }
    }

    private static PlacementRequest RandomRequest(Random random)
    {
        var sector = random.Next(2) == 0 ? 512 : 4096;
        var parts = Enumerable.Range(0, random.Next(1, 9)).Select(i => new PartitionRequest(
            $"p{i}", random.Next(4) == 0 ? (i * 40 + random.Next(40)) * MiB : null, random.Next(4) == 0 ? null : random.NextInt64(1, 40 * MiB),
            random.Next(2) * 1000, null) { MaximumBytes = random.Next(4) == 0 ? random.NextInt64(1000, 60 * MiB) : null });
        var blobs = Enumerable.Range(0, random.Next(3)).Select(i => Blob($"b{i}", random.NextInt64(i * 50 * MiB + 20 * KiB, (i + 1) * 50 * MiB), random.NextInt64(4 * MiB)));
        return (random.Next(2) == 0 ? Gpt([.. parts]) : Mbr([.. parts])) with
        {
            SectorBytes = sector, Blobs = [.. blobs], AlignmentBytes = sector << random.Next(9), PowerOfTwo = random.Next(4) == 0,
            DiskBytes = random.Next(2) == 0 ? random.Next(1, 400) * MiB : null,
        };
    }

    private static PlacementRequest Mistaken(string mistake) => mistake switch
    {
        "sixty partitions in an mbr" => Mbr([.. Enumerable.Range(0, 60).Select(i => Part($"p{i}", MiB))]),
        "no sector for a boot record" => Mbr([Part("a", MiB), Part("b", MiB), Part("c", MiB), Part("d", MiB, at: 4 * MiB), Part("e", MiB)]),
        "blob over a boot record" => Mbr([Part("a", MiB), Part("b", MiB), Part("c", MiB), Part("d", MiB, at: 8 * MiB), Part("e", MiB)]) with { Blobs = [Blob("spl", 7 * MiB, MiB)] },
        "logical before primary" => Mbr([Part("a", MiB, at: 2 * MiB), Part("b", MiB), Part("c", MiB), Part("d", MiB, at: MiB), Part("e", MiB)]),
        "hybrid beyond 2 TiB" => Gpt([Part("huge", 3072 * GiB)]) with { Hybrid = [0] },
        "maximum below content" => Gpt([Part("root", null, least: 9 * MiB) with { MaximumBytes = 8 * MiB }]),
        "beyond 2 TiB in an mbr" => Mbr([Part("huge", 3072 * GiB)]),
        "blob over mbr" => Mbr([Part("p", MiB)]) with { Blobs = [Blob("boot", 0, 1024)] },
        "partition over mbr" => Mbr([Part("p", MiB, at: 0)]),
        "too few entries" => Gpt([.. Enumerable.Range(0, 5).Select(i => Part($"p{i}", MiB))]) with { EntryCount = 4 },
        "long name" => Gpt([Part(new string('n', 37), MiB)]),
        "blob over gpt header" => Gpt([Part("p", MiB)]) with { Blobs = [Blob("bl1", 512, 1024)] },
        "blob over gpt entries" => Gpt([Part("p", MiB)]) with { Blobs = [Blob("spl", 8 * KiB, 600 * KiB)] },
        "blob before gpt entries" => Gpt([Part("p", MiB)]) with { Blobs = [Blob("spl", KiB, 600 * KiB)] },
        "blob over backup gpt" => Gpt([Part("p", MiB)]) with { DiskBytes = 64 * MiB, Blobs = [Blob("tail", 63 * MiB, MiB)] },
        "partition over gpt" => Gpt([Part("p", MiB, at: 16 * KiB)]),
        "first usable inside gpt" => Gpt([Part("p", MiB)]) with { FirstUsableLba = 20 },
        "no entries" => Gpt([]) with { EntryCount = 0 },
        "entries over header" => Gpt([]) with { EntriesLba = 1 },
        "partitions overlap" => Gpt([Part("a", 10 * MiB, at: MiB), Part("b", 10 * MiB, at: 2 * MiB)]),
        "blobs overlap" => Gpt([]) with { Blobs = [Blob("spl", 32 * KiB, 64 * KiB), Blob("fit", 64 * KiB, 64 * KiB)] },
        "blob over partition" => Gpt([Part("p", 4 * MiB, at: MiB)]) with { Blobs = [Blob("fit", 2 * MiB, MiB)] },
        "two rests" => Gpt([Part("a", null), Part("b", null)]),
        "off sector" => Gpt([Part("p", MiB, at: 1_049_000)]),
        "beyond disk" => Gpt([Part("p", 100 * MiB)]) with { DiskBytes = 64 * MiB },
        "blob beyond disk" => Mbr([]) with { DiskBytes = 64 * MiB, Blobs = [Blob("fit", 63 * MiB, 2 * MiB)] },
        "fixed too small" => Gpt([Part("p", 8 * MiB, least: 9 * MiB)]),
        "rest too small" => Gpt([Part("esp", MiB), Part("root", null, least: 80 * MiB), Part("data", MiB)]) with { DiskBytes = 64 * MiB + 16 * KiB },
        "odd sector" => Gpt([]) with { SectorBytes = 520 },
        "odd alignment" => Gpt([]) with { AlignmentBytes = 1000 },
        "negative offset" => Gpt([Part("p", MiB, at: -512)]),
        "blob across edge" => Gpt([Part("p", MiB, at: MiB)]) with { Blobs = [Blob("spl", MiB, 2 * MiB) with { MayLieInPartition = true }] },
        "disk too small" => Gpt([]) with { DiskBytes = 16 * KiB },
        "no room before the end" => Gpt([Part("root", null), Part("late", 80 * MiB)]) with { DiskBytes = 64 * MiB },
        "too many blobs" => Gpt([]) with { Blobs = [.. Enumerable.Range(0, 257).Select(i => Blob("b", i * MiB, 0))] },
        _ => throw new ArgumentException(mistake),
    };

    private static Placement Place(PlacementRequest request)
    {
        var result = DiskPlacement.Place(request);
        result.IsOk.ShouldBeTrue(string.Join('\n', result.Diagnostics));
        return result.Value!;
    }

    private static PlacementRequest Gpt(ImmutableArray<PartitionRequest> partitions) => new() { Table = TableKind.Gpt, Partitions = partitions, Span = Span };

    private static PlacementRequest Mbr(ImmutableArray<PartitionRequest> partitions) => new() { Table = TableKind.Mbr, Partitions = partitions, Span = Span };

    private static PartitionRequest Part(string name, long? length, long? at = null, long least = 0) => new(name, at, length, least, Span);

    private static BlobRequest Blob(string name, long at, long length) => new(name, at, length, [], Span);
}
