using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>
/// The SD card of a SiFive board. QEMU has its boot ROM, but not one that reads cards: the test takes the SPL from sector 34,
/// where the ROM would. All that follows is the card's own: the SPL reads U-Boot at sector 2082, that the kernel.
/// </summary>
public sealed class UnleashedTests : IDisposable
{
    private const long Sector = 512;

    /// <summary>The emulated bus of the card moves byte by byte: the loaders and the kernel need 110 s of an idle machine, and ten times that elsewhere.</summary>
    private static readonly TimeSpan CardLimit = TimeSpan.FromMinutes(18);

    private readonly TempDir _temp = new();
    private readonly BootImages _images = new();

    [Fact]
    public async Task Card_boots_and_does_not_without_its_uboot()
    {
        var ct = TestContext.Current.CancellationToken;
        var image = await _images.BuildAsync("unleashed", "linux/riscv64", ct);
        await using (var card = File.OpenRead(image))
        {
            var spl = new byte[2048 * Sector];
            card.Position = 34 * Sector;
            await card.ReadExactlyAsync(spl, ct);
            await File.WriteAllBytesAsync(_temp["spl.bin"], spl, ct);
        }

        var log = await QemuMachine.BootAsync(BootMachine.SiFiveU, image, ct, _temp["spl.bin"], CardLimit);
        BootTests.ShouldBeUp(log.ShouldHaveBooted(), "riscv64", "/ ext4 rw");

        await using (var card = new FileStream(image, FileMode.Open, FileAccess.ReadWrite))
        {
            card.Position = 2082 * Sector;
            await card.WriteAsync(new byte[Sector], ct);
        }
        var wiped = await QemuMachine.BootAsync(BootMachine.SiFiveU, image, ct, _temp["spl.bin"]);
        wiped.Verdict.ShouldBe(BootVerdict.Refused, $"{wiped.Reason}\n{wiped.Serial}");
    }

    public void Dispose()
    {
        _images.Dispose();
        _temp.Dispose();
    }
}
