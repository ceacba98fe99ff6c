using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Gpt;

public sealed class GptStartTests : IDisposable
{
    private readonly TempDir _temp = new();

    [Theory]
    [InlineData("gpt", 512, 64 << 20)]
    [InlineData("gpt-4096", 4096, 64 << 20)]
    [InlineData("gpt", 512, (24 << 20) + 512)]
    public void The_table_of_a_longer_disk_pleases_the_judges(string table, int sectorBytes, int diskBytes)
    {
        DiskImages.Make(_temp["disk.img"], table);
        var before = PartitionTableJudge.Read(_temp["disk.img"], sectorBytes);
        Move(_temp["disk.img"], sectorBytes, diskBytes);
        PartitionTableJudge.Complaints(_temp["disk.img"], sectorBytes, "Caution: Partition").ShouldBeEmpty();
        var after = PartitionTableJudge.Read(_temp["disk.img"], sectorBytes);
        after.Partitions.ShouldBe(before.Partitions);
        after.Id.ShouldBe(before.Id);
    }

    [Fact]
    public void The_judge_sees_a_backup_that_was_not_moved()
    {
        DiskImages.Make(_temp["disk.img"], "gpt");
        using (var file = File.OpenWrite(_temp["disk.img"]))
            file.SetLength(64 << 20);
        PartitionTableJudge.Complaints(_temp["disk.img"]).ShouldNotBeEmpty();
    }

    [Fact]
    public void Sgdisk_moves_it_to_the_same_bytes()
    {
        DiskImages.Make(_temp["ours.img"], "gpt");
        File.Copy(_temp["ours.img"], _temp["theirs.img"]);
        Move(_temp["ours.img"], 512, 64 << 20);
        using (var file = File.OpenWrite(_temp["theirs.img"]))
            file.SetLength(64 << 20);
        Tool.Require("sgdisk", "--move-second-header", _temp["theirs.img"]);
        var (ours, theirs) = (File.ReadAllBytes(_temp["ours.img"]), File.ReadAllBytes(_temp["theirs.img"]));
        ours.AsSpan(0, 34 * 512).SequenceEqual(theirs.AsSpan(0, 34 * 512)).ShouldBeTrue("mbr, header, entries");
        ours.AsSpan(ours.Length - 33 * 512).SequenceEqual(theirs.AsSpan(ours.Length - 33 * 512)).ShouldBeTrue("backup");
        ours.AsSpan((24 << 20) - 33 * 512, 33 * 512).ContainsAnyExcept((byte)0).ShouldBeFalse("the old one is gone");
    }

    [Theory]
    [InlineData("a flipped bit in the header", 512 + 60, "the checksum of its header is wrong")]
    [InlineData("a flipped bit in an entry", 1024 + 33, "the checksum of its entries is wrong")]
    [InlineData("no signature", 512, "its header makes no sense")]
    [InlineData("a number of entries beyond reason", 512 + 83, "its header makes no sense")]
    public void Damage_is_seen(string what, int place, string complaint)
    {
        DiskImages.Make(_temp["disk.img"], "gpt");
        Damage.FlipBit(_temp["disk.img"], place, 0x80);
        GptStart.Read(Head(_temp["disk.img"]), 512, out var problem).ShouldBeNull(what);
        problem.ShouldBe(complaint);
    }

    private static void Move(string path, int sectorBytes, int diskBytes)
    {
        var start = GptStart.Read(Head(path), sectorBytes, out var problem).ShouldNotBeNull();
        problem.ShouldBeEmpty();
        using var file = File.Open(path, FileMode.Open, FileAccess.ReadWrite);
        file.SetLength(diskBytes);
        file.Position = start.OldBackup.OffsetBytes;
        file.Write(new byte[start.OldBackup.LengthBytes]);
        foreach (var patch in start.MoveTo(diskBytes))
        {
            file.Position = patch.OffsetBytes;
            file.Write(patch.Data.Span);
        }
    }

    private static byte[] Head(string path) => File.ReadAllBytes(path)[..(1 << 20)];

    public void Dispose() => _temp.Dispose();
}
