using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>The SD card of an Allwinner board: the boot ROM reads U-Boot's SPL at byte 8192, and nowhere else.</summary>
public sealed class OrangePiTests : IDisposable
{
    private readonly BootImages _images = new();

    [Fact]
    public async Task Card_boots_and_does_not_without_its_loader()
    {
        var ct = TestContext.Current.CancellationToken;
        var image = await _images.BuildAsync("orangepi-pc", "linux/arm/v7", ct);

        var log = await QemuMachine.BootAsync(BootMachine.OrangePiPc, image, ct);
        BootTests.ShouldBeUp(log.ShouldHaveBooted(), "armv7l", "/ ext4 rw");

        await using (var card = new FileStream(image, FileMode.Open, FileAccess.ReadWrite))
        {
            card.Position = 8192;
            await card.WriteAsync(new byte[32 << 10], ct);
        }
        var wiped = await QemuMachine.BootAsync(BootMachine.OrangePiPc, image, ct, limit: QemuMachine.SilenceLimit);
        wiped.Verdict.ShouldBe(BootVerdict.Silent, $"{wiped.Reason}\n{wiped.Serial}");
    }

    public void Dispose() => _images.Dispose();
}
