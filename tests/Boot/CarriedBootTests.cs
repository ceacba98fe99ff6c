using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Boot;

/// <summary>A container that carries the published table of Arm SystemReady IR boots without any board file.</summary>
public sealed class CarriedBootTests : IDisposable
{
    private readonly TempDir _folder = new();

    [Fact]
    public async Task SystemReady_IR_boots_from_the_layout_in_its_label()
    {
        var ct = TestContext.Current.CancellationToken;
        var label = CarriedTables.All["systemready-ir"].Json;
        var writer = new OciLayoutWriter(_folder["layout"]);
        var system = writer.AddLayer(await File.ReadAllBytesAsync(await DebianMinimal.TarAsync("linux/arm64", ct), ct), Packing.None);
        writer.Tag("box", writer.AddImage("linux/arm64", [system, writer.AddLayer(("etc/issue", "derived\n"))], (CarriedTables.Label, label)));
        var image = _folder["disk.img"];

        var built = await Task.Run(
            () => PipelineProcess.Run(new ProcessStartInfo(
                PipelineProcess.Dotnet,
                [PipelineProcess.Dll, "build", "--from", $"oci:{writer.DirectoryPath}:box", "--kernel-arg", "console=ttyAMA0", "-o", image, "--cache", _folder["cache"]])),
            ct);

        built.ExitCode.ShouldBe(0, built.Output);
        CarriedTables.Differences(label, PartitionTableJudge.Read(image)).ShouldBeEmpty();
        var log = await QemuMachine.BootAsync(BootMachine.Arm64Uefi, image, ct);
        BootTests.ShouldBeUp(log.ShouldHaveBooted(), "aarch64", "/ ext4 rw", "/boot/efi vfat rw");
    }

    public void Dispose() => _folder.Dispose();
}
