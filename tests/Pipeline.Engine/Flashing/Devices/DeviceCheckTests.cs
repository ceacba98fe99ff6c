using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Flashing.Devices;

public sealed class DeviceCheckTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    [Theory]
    [InlineData("sdb", "a free stick")]
    [InlineData("mmcblk0", "a free card")]
    public void A_free_disk_may_be_written(string name, string what) => Codes(name).ShouldBeEmpty(what);

    [Fact]
    public void Only_whole_disks() => Messages("sdb1").ShouldHaveSingleItem().ShouldContain("PL6212: '/dev/sdb1' is a partition of /dev/sdb");

    [Fact]
    public void The_disk_under_the_root_is_found_through_lvm() => Messages("sda").ShouldContain(m => m.Contains("PL6213: '/dev/sda' is the disk that this system runs from (/ lies on it)", StringComparison.Ordinal));

    [Fact]
    public void A_partition_of_the_system_disk_is_refused_twice() => Codes("sda2").ShouldBe(["PL6212", "PL6213"]);

    [Theory]
    [InlineData("its partition", "40 22 8:17 / /media/STICK\\040ONE rw - vfat /dev/sdb1 rw", "/dev/sdb1 is mounted at /media/STICK ONE")]
    [InlineData("the whole disk", "40 22 8:16 / /mnt rw - ext4 /dev/sdb rw", "/dev/sdb is mounted at /mnt")]
    [InlineData("a file system with a number of its own", "40 22 0:45 /sub /data rw - btrfs /dev/sdb1 rw", "/dev/sdb1 is mounted at /data")]
    public void A_mounted_disk_is_refused(string what, string line, string complaint)
    {
        _machine.Mounts(line);
        Messages("sdb").ShouldHaveSingleItem(what).ShouldContain("PL6214: '/dev/sdb' is in use: " + complaint);
    }

    [Fact]
    public void Mounts_of_other_disks_do_not_matter()
    {
        _machine.Mounts("40 22 179:1 / /media/card rw - vfat /dev/mmcblk0p1 rw", "nonsense", "", "41 22 0:5 / /x rw");
        Codes("sdb").ShouldBeEmpty();
        Codes("mmcblk0").ShouldBe(["PL6214"]);
    }

    [Fact]
    public void A_stick_that_carries_the_system_is_the_system_disk()
    {
        _machine.Mounts("22 1 8:17 / / rw - ext4 /dev/sdb1 rw");
        Codes("sdb").ShouldBe(["PL6213"]);
    }

    [Fact]
    public void Swap_is_use()
    {
        _machine.Swaps("/dev/sdb1");
        Messages("sdb").ShouldHaveSingleItem().ShouldContain("PL6215: '/dev/sdb' is in use: /dev/sdb1 is swap");
    }

    [Fact]
    public void Raid_and_lvm_are_use()
    {
        _machine.Disk("md127", "9:127", "devices/virtual/block", 10);
        _machine.Stack("md127", "sdb1");
        Messages("sdb").ShouldHaveSingleItem().ShouldContain("PL6216: '/dev/sdb' is in use: /dev/sdb1 is part of /dev/md127");
        Messages("md127").ShouldHaveSingleItem().ShouldContain("PL6221: '/dev/md127' is built on sdb1");
    }

    [Theory]
    [InlineData("ro", "1", "PL6217")]
    [InlineData("size", "0", "PL6218")]
    public void What_the_kernel_says_against_it(string file, string text, string code)
    {
        _machine.Set("sdb", file, text);
        Codes("sdb").ShouldBe([code]);
    }

    [Fact]
    public void A_reader_without_a_card_is_empty() => Codes("sdc").ShouldBe(["PL6218"]);

    private IReadOnlyList<string> Codes(string name) => [.. DeviceCheck.Check(_machine.Devices.Find(name)!, "/dev/" + name, _machine.Devices).Select(d => d.Rule.Code)];

    private IReadOnlyList<string> Messages(string name) => [.. DeviceCheck.Check(_machine.Devices.Find(name)!, "/dev/" + name, _machine.Devices).Select(d => d.ToString())];

    public void Dispose() => _machine.Dispose();
}
