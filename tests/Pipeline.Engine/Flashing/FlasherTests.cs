using Pipeline.Core.Reporting;
using Pipeline.Engine.Flashing.Devices;
using Pipeline.Engine.Flashing.Images;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Flashing;

/// <summary>On loop devices where this machine lets one attach them, on regular files elsewhere: the same code but for the opening.</summary>
public sealed class FlasherTests : IDisposable
{
    private const long MiB = DiskImages.MiB;
    private readonly TempDir _temp = new();
    private readonly RecordingReporter _reporter = new();
    private readonly List<LoopDevice> _loops = [];

    [Theory]
    [InlineData("gpt", "", true, 64)]
    [InlineData("gpt", "zst", true, 64)]
    [InlineData("gpt", "zst", false, 64)]
    [InlineData("gpt", "xz", true, 24)]
    [InlineData("gpt", "gz", false, 64)]
    [InlineData("gpt", "", false, 24)]
    [InlineData("mbr", "xz", true, 64)]
    [InlineData("mbr", "", false, 64)]
    [InlineData("gpt-4096", "zst", true, 64)]
    public void The_disk_holds_the_image(string table, string packing, bool hasMap, int mebibytes)
    {
        var sectorBytes = table == "gpt-4096" ? 4096 : 512;
        var image = Image(table, packing, hasMap);
        var outcome = Flash(image, Target(mebibytes * MiB, sectorBytes));
        outcome.Diagnostics.ShouldBeEmpty();
        outcome.Status.ShouldBe(FlashStatus.Done);
        (outcome.Verified.Bytes >= outcome.Written.Bytes).ShouldBeTrue();
        outcome.IsBackupMoved.ShouldBe(table != "mbr" && mebibytes > 24);
        Settle();
        ShouldHold(table, mebibytes);
        PartitionTableJudge.Complaints(_temp["disk"], sectorBytes, "Caution: Partition").ShouldBeEmpty();
    }

    [Fact]
    public void Old_tables_and_old_data_are_gone()
    {
        var target = Target(64 * MiB, 512, disk => Tool.Require("sgdisk", "-n1:0:0", "-c1:old", disk));
        DiskImages.Fill(_temp["disk"], 2 * MiB, 30 << 20, 99);
        Flash(Image("mbr", "zst", hasMap: false), target).Status.ShouldBe(FlashStatus.Done);
        Settle();
        ShouldHold("mbr", 32, "zeroes over old data are written");
        File.ReadAllBytes(_temp["disk"]).AsSpan(60 << 20).IndexOf("EFI PART"u8).ShouldBe(-1, "no backup to restore the old table from");
        PartitionTableJudge.Read(_temp["disk"]).Label.ShouldBe("dos");
    }

    [Fact]
    public void With_a_map_only_what_holds_data_is_written()
    {
        var target = Target(64 * MiB, 512);
        DiskImages.Fill(_temp["disk"], 5 * MiB, 4096, 99);
        var outcome = Flash(Image("mbr", "zst", hasMap: true), target);
        outcome.Written.Bytes.ShouldBeLessThan(5 * MiB);
        Settle();
        File.ReadAllBytes(_temp["disk"]).AsSpan(5 << 20, 4096).ContainsAnyExcept((byte)0).ShouldBeTrue("unmapped blocks keep what they had");
    }

    [Theory]
    [InlineData("a range", "", 8 << 20)]
    [InlineData("the head", "", 1000)]
    [InlineData("the last range", "", (23 << 20) - 100)]
    public void An_image_that_differs_from_its_map_starts_nothing(string what, string packing, int place)
    {
        var image = Image("mbr", packing, hasMap: true);
        if (place == 1000)
            DiskImages.Fill(_temp["disk.img"], place, 1, 1);
        else
            Damage.FlipBit(_temp["disk.img"], place);
        var outcome = Flash(image, Target(64 * MiB, 512));
        outcome.Status.ShouldBe(FlashStatus.Refused, what);
        outcome.Diagnostics.Select(d => d.Rule).ShouldBe([FlashRules.ImageDiffersFromMap, FlashRules.HalfWritten]);
        ShouldStartNothing();
    }

    [Theory]
    [InlineData("zst", "PL6232")]
    [InlineData("xz", "PL6232")]
    [InlineData("gz", "PL6232")]
    [InlineData("", "PL6209")]
    public void An_image_that_was_cut_off_starts_nothing(string packing, string code)
    {
        var image = Image("gpt", packing, hasMap: false);
        using (var file = File.OpenWrite(image.Path))
            file.SetLength(file.Length - 600_000);
        var opened = FlashImage.Open(image);
        if (packing == "")
        {
            opened.Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe(code);
            return;
        }
        opened.Value!.Dispose();
        Flash(image, Target(64 * MiB, 512)).Diagnostics.Select(d => d.Rule.Code).ShouldBe([code, "PL6235"]);
        ShouldStartNothing();
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void The_checksum_of_the_release_is_held_to(bool hasMap)
    {
        var image = Image("gpt", "gz", hasMap);
        var good = image with { Sha256 = Core.Units.Digest.Sha256(File.ReadAllBytes(image.Path)) };
        Flash(good, Target(64 * MiB, 512)).Status.ShouldBe(FlashStatus.Done);
        var bad = image with { Sha256 = Core.Units.Digest.Sha256([]) };
        Flash(bad, Target(64 * MiB, 512)).Diagnostics.Select(d => d.Rule).ShouldBe([FlashRules.ImageDiffersFromChecksum, FlashRules.HalfWritten]);
        ShouldStartNothing();
    }

    [Theory]
    [InlineData("gpt", "gz", true)]
    [InlineData("gpt", "zst", false)]
    [InlineData("mbr", "xz", false)]
    public void What_the_release_says_of_the_unpacked_image_is_held_to(string table, string packing, bool hasMap)
    {
        var image = Image(table, packing, hasMap);
        var raw = new UnpackedFile(new(24 * MiB), Core.Units.Digest.Sha256(File.ReadAllBytes(_temp["raw"])));
        Flash(image with { Unpacked = raw }, Target(64 * MiB, 512)).Status.ShouldBe(FlashStatus.Done);
        using (var opened = FlashImage.Open(image with { Unpacked = raw }).Value!)
            opened.Least.ShouldBe(raw.Size, "known before the end");
        foreach (var other in new[] { raw with { Sha256 = Core.Units.Digest.Sha256([]) }, raw with { Size = new(25 * MiB) } })
        {
            Flash(image with { Unpacked = other }, Target(64 * MiB, 512)).Diagnostics.Select(d => d.Rule).ShouldBe([FlashRules.UnpacksDifferently, FlashRules.HalfWritten]);
            ShouldStartNothing();
        }
    }

    /// <summary>The damage is done behind the device's back: only who reads the medium, and not the memory of what was written, sees it.</summary>
    [Theory]
    [InlineData("body", 9 << 20, 9 << 20, 10 << 20)]
    [InlineData("head", 700, 0, 1 << 20)]
    public void A_disk_that_reads_back_something_else_starts_nothing(string step, int place, int first, int end)
    {
        var target = Target(64 * MiB, 512);
        var outcome = Flash(Image("mbr", "zst", hasMap: false), target, checkpoint: s =>
        {
            if (s == step)
                Damage.FlipBit(_temp["disk"], place);
        });
        outcome.Status.ShouldBe(FlashStatus.Failed);
        outcome.Diagnostics[0].Message.ShouldContain($"first between bytes {first} and {end} (1 of ");
        ShouldStartNothing();
    }

    [Fact]
    public void Without_verifying_nobody_sees_that()
    {
        var outcome = Flash(Image("mbr", "", hasMap: false), Target(64 * MiB, 512), new(false, Verifies: false), s =>
        {
            if (s == "head")
                Damage.FlipBit(_temp["disk"], 9 << 20);
        });
        (outcome.Status, outcome.Verified.Bytes).ShouldBe((FlashStatus.Done, 0));
    }

    [Theory]
    [InlineData("wiped")]
    [InlineData("body")]
    public void An_interrupted_disk_starts_nothing_and_is_resumed(string step)
    {
        using var interrupt = new CancellationTokenSource();
        var image = Image("gpt", "zst", hasMap: true);
        var target = Target(64 * MiB, 512, disk => Tool.Require("sgdisk", "-n1:0:0", disk));
        var outcome = Flash(image, target, null, s =>
        {
            if (s == step)
                interrupt.Cancel();
        }, interrupt.Token);
        outcome.Status.ShouldBe(FlashStatus.Cancelled);
        outcome.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.HalfWritten);
        ShouldStartNothing();
        var resumed = Flash(image, Attach(512), new(Resumes: true, Verifies: true));
        resumed.Status.ShouldBe(FlashStatus.Done);
        (resumed.Equal.Bytes > 2 * MiB).ShouldBe(step == "body", "what is there is not written again");
        Settle();
        ShouldHold("gpt", 64);
    }

    [Fact]
    public void Resuming_over_another_system_still_gives_the_image()
    {
        var target = Target(64 * MiB, 512);
        DiskImages.Fill(_temp["disk"], 0, 64 << 20, 42);
        Flash(Image("gpt", "xz", hasMap: false), target, new(Resumes: true, Verifies: true)).Status.ShouldBe(FlashStatus.Done);
        Settle();
        ShouldHold("gpt", 24);
    }

    [Theory]
    [InlineData("too small", "gpt", 23, 512, "PL6219")]
    [InlineData("too small for the partitions of an MBR", "mbr", 20, 512, "PL6219")]
    [InlineData("512 on 4096", "gpt", 64, 4096, "PL6220")]
    [InlineData("an MBR on 4096", "mbr", 64, 4096, "PL6220")]
    [InlineData("4096 on 512", "gpt-4096", 64, 512, "PL6220")]
    public void What_does_not_fit_is_refused_before_anything_is_written(string what, string table, int mebibytes, int sectorBytes, string code)
    {
        using var image = FlashImage.Open(Image(table, "zst", hasMap: false)).Value!;
        Flasher.Check(image, new("/dev/x", "/dev/x", mebibytes * MiB, sectorBytes, null), 512).ShouldHaveSingleItem(what).Rule.Code.ShouldBe(code);
    }

    [Fact]
    public void The_image_is_no_target_of_itself()
    {
        var file = Image("gpt", "", hasMap: false);
        using var image = FlashImage.Open(file).Value!;
        Flasher.Check(image, FlashTarget.OfFile(file.Path, 512).Value!, 512).ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.IsTheImage);
    }

    [Fact]
    public void An_image_longer_than_it_says_is_seen_at_the_disks_end()
    {
        var image = Image("mbr", "", hasMap: false);
        Tool.Require("truncate", "-s", "80M", image.Path);
        DiskImages.Pack(image.Path, "zst");
        var outcome = Flash(image with { Path = image.Path + ".zst" }, Target(64 * MiB, 512));
        outcome.Diagnostics.Select(d => d.Rule).ShouldBe([FlashRules.LongerThanDisk, FlashRules.HalfWritten]);
        ShouldStartNothing();
    }

    [Theory]
    [InlineData("nothing in it", 0)]
    [InlineData("shorter than a sector", 100)]
    [InlineData("no table", 1 << 20)]
    public void What_is_no_disk_image_is_refused(string what, int length)
    {
        File.WriteAllBytes(_temp["x.img"], new byte[length]);
        FlashImage.Open(new(_temp["x.img"], "x.img", null, null, null)).Diagnostics.ShouldHaveSingleItem(what).Rule.ShouldBe(FlashRules.NotADiskImage);
    }

    [Fact]
    public void A_damaged_table_and_a_foreign_map_are_refused()
    {
        var image = Image("gpt", "", hasMap: true);
        FlashImage.Open(image with { BlockMapSha256 = Core.Units.Digest.Sha256([]) }).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.BadBlockMap);
        Tool.Require("truncate", "-s", "25M", image.Path);
        FlashImage.Open(image).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("it is for an image of 25165824 bytes, 'disk.img' has 26214400");
        Damage.FlipBit(image.Path, 600 - 20);
        FlashImage.Open(image with { BlockMapPath = null }).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.DamagedGpt);
    }

    [Fact]
    public void A_device_is_held_alone()
    {
        var target = Target(64 * MiB, 512);
        if (target.Device is null)
            return;
        // The first one to open it for itself is the kernel, for a mount that this process may not see.
        using var first = TargetDisk.Open(target).Value!;
        TargetDisk.Open(target).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.IsBusy);
    }

    [Fact]
    public void A_mounted_loop_device_is_refused()
    {
        var target = Target(64 * MiB, 512);
        if (target.Device is null)
            return;
        Tool.Require("mkfs.ext4", "-q", target.Path);
        Directory.CreateDirectory(_temp["m"]);
        if (Tool.Run("mount", target.Path, _temp["m"]).ExitCode != 0)
            return;
        try
        {
            FlashTarget.OfDevice(target.Path, new("")).Diagnostics.ShouldHaveSingleItem().Message.ShouldContain($"{target.Path} is mounted at {_temp["m"]}");
            TargetDisk.Open(target).Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(FlashRules.IsBusy);
        }
        finally
        {
            Tool.Require("umount", _temp["m"]);
        }
    }

    private ImageFile Image(string table, string packing, bool hasMap)
    {
        var path = _temp["disk.img"];
        File.Delete(path + "." + packing);
        DiskImages.Make(path, table);
        File.Copy(path, _temp["raw"], overwrite: true);
        if (hasMap)
            Tool.Require("bmaptool", "create", "--output", _temp["disk.img.bmap"], path);
        DiskImages.Pack(path, packing);
        var packed = packing == "" ? path : path + "." + packing;
        return new(packed, Path.GetFileName(packed), hasMap ? _temp["disk.img.bmap"] : null, null, null);
    }

    /// <param name="prepare">Done to the file before it is a device.</param>
    private FlashTarget Target(long lengthBytes, int sectorBytes, Action<string>? prepare = null)
    {
        Settle();
        using (var file = File.Create(_temp["disk"]))
            file.SetLength(lengthBytes);
        prepare?.Invoke(_temp["disk"]);
        return Attach(sectorBytes);
    }

    private FlashTarget Attach(int sectorBytes)
    {
        if (LoopDevice.TryAttach(_temp["disk"], sectorBytes) is not { } loop)
            return FlashTarget.OfFile(_temp["disk"], sectorBytes).Value!;
        _loops.Add(loop);
        var target = FlashTarget.OfDevice(loop.Path, new(""));
        target.Diagnostics.ShouldBeEmpty();
        return target.Value!;
    }

    private FlashOutcome Flash(ImageFile file, FlashTarget target, FlashOptions? options = null, Action<string>? checkpoint = null, CancellationToken ct = default)
    {
        var opened = FlashImage.Open(file);
        opened.Diagnostics.ShouldBeEmpty();
        using var image = opened.Value!;
        Flasher.Check(image, target, 512).ShouldBeEmpty();
        return new Flasher(_reporter) { Checkpoint = checkpoint ?? (_ => { }) }.Flash(image, target, options ?? new(false, true), ct);
    }

    /// <summary>Detaches the devices, so that the file is what the medium is.</summary>
    private void Settle()
    {
        _loops.ForEach(l => l.Dispose());
        _loops.Clear();
    }

    /// <summary>All of the image but what moving the backup changes: two places in the first sectors, and the image's last ones.</summary>
    private void ShouldHold(string table, int mebibytes, string? why = null)
    {
        var (disk, raw) = (File.ReadAllBytes(_temp["disk"]), File.ReadAllBytes(_temp["raw"]));
        var isMoved = table != "mbr" && disk.Length > raw.Length;
        var (first, end) = isMoved ? (8192, raw.Length - 24576) : (0, raw.Length);
        disk.AsSpan(first..end).SequenceEqual(raw.AsSpan(first..end)).ShouldBeTrue(why);
        mebibytes.ShouldBeGreaterThan(0);
        if (isMoved)
            PartitionTableJudge.Read(_temp["disk"], table == "gpt" ? 512 : 4096).Partitions.ShouldBe(PartitionTableJudge.Read(_temp["raw"], table == "gpt" ? 512 : 4096).Partitions);
    }

    private void ShouldStartNothing()
    {
        Settle();
        using var file = File.OpenRead(_temp["disk"]);
        var head = new byte[MiB];
        file.ReadExactly(head);
        head.AsSpan().ContainsAnyExcept((byte)0).ShouldBeFalse("no table at the beginning");
        file.Position = file.Length - 512;
        var last = new byte[512];
        file.ReadExactly(last);
        last.AsSpan().StartsWith("EFI PART"u8).ShouldBeFalse("no backup of the old system at the end");
    }

    public void Dispose()
    {
        Settle();
        _temp.Dispose();
    }
}
