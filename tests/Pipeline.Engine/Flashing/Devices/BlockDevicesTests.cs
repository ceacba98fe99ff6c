using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Flashing.Devices;

public sealed class BlockDevicesTests : IDisposable
{
    private readonly FakeMachine _machine = new();

    [Fact]
    public void A_stick_is_described_as_its_maker_and_its_bus_say()
    {
        var stick = _machine.Devices.Find("sdb")!;
        (stick.Model, stick.Transport, stick.Serial, stick.LengthBytes, stick.IsRemovable).ShouldBe(("SanDisk Ultra", "usb", "4C530001", 30L << 30, true));
        stick.PartitionNames.ShouldBe(["sdb1"]);
        var card = _machine.Devices.Find("mmcblk0")!;
        (card.Model, card.Transport, card.Serial).ShouldBe(("SC16G", "mmc", "0x12345678"));
        _machine.Devices.Find("sda")!.Transport.ShouldBe("sata");
    }

    [Fact]
    public void Candidates_are_what_people_put_images_on() =>
        _machine.Devices.List().Where(d => d.IsCandidate).Select(d => d.Name).ShouldBe(["mmcblk0", "sdb", "sdc"]);

    [Fact]
    public void A_device_cannot_steer_the_terminal()
    {
        _machine.Set("sdb", "device/model", "\e[2Jevil");
        _machine.Devices.Find("sdb")!.Model.ShouldBe("SanDisk \uFFFD[2Jevil");
    }

    [Theory]
    [InlineData("")]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("../../kernel")]
    [InlineData("sdz")]
    public void Other_names_are_nothing(string name) => _machine.Devices.Find(name).ShouldBeNull();

    [Fact]
    public void Paths_lead_to_devices_also_through_links()
    {
        using var temp = new TempDir();
        File.CreateSymbolicLink(temp["by-id"], "/dev/sdb");
        _machine.Devices.FindByPath(temp["by-id"])!.Name.ShouldBe("sdb");
        _machine.Devices.FindByPath("/dev/../dev/sdb")!.Name.ShouldBe("sdb");
        _machine.Devices.FindByPath(temp.Path).ShouldBeNull();
    }

    [Fact]
    public void This_machine_can_be_read()
    {
        foreach (var device in new BlockDevices("").List())
            device.Number.ShouldMatch("^[0-9]+:[0-9]+$");
        MountTable.Read(new("")).Mounts.ShouldContain(m => m.Point == "/");
    }

    public void Dispose() => _machine.Dispose();
}
