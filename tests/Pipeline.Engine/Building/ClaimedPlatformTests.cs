using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building;

/// <summary>Whole containers whose configurations claim a platform: what is in them decides, from the command line on.</summary>
public sealed class ClaimedPlatformTests : IDisposable
{
    private const uint HardFloat = 0x0500_0400;
    private const byte Armv6 = 6;
    private const byte Armv7 = 10;
    private readonly TempDir _temp = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("linux/arm64", "linux/amd64", "PL4021", "'/bin/busybox' is for arm64 (ELF machine 183, 64 bits, little-endian)")]
    [InlineData("linux/arm/v7", "linux/arm/v6", "PL4022", "needs linux/arm/v7 (.ARM.attributes: Tag_CPU_arch 10, hard float)")]
    [InlineData("linux/arm/v7", "linux/arm/v7", null, "")]
    [InlineData("linux/arm/v7", "linux/arm", null, "")]
    [InlineData("linux/arm64", "linux/arm64", null, "")]
    public async Task A_claim_of_real_programs_is_proved(string real, string claimed, string? code, string evidence)
    {
        var busybox = await DebianMinimal.ReadAsync(real, "usr/bin/busybox", Ct);
        Build(claimed, code, evidence, ("bin/busybox", busybox));
    }

    /// <summary>Raspbian and Debian call both armhf, with one loader: only the attributes tell them apart.</summary>
    [Theory]
    [InlineData("raspbian", Armv6, "linux/arm/v6", null)]
    [InlineData("raspbian", Armv6, "linux/arm/v7", null)]
    [InlineData("raspbian", Armv6, "linux/arm/v5", "PL4022")]
    [InlineData("debian", Armv7, "linux/arm/v7", null)]
    [InlineData("debian", Armv7, "linux/arm/v6", "PL4022")]
    [InlineData("debian", Armv7, "linux/arm64", "PL4021")]
    public void The_two_kinds_of_armhf_are_told_apart(string id, byte cpu, string claimed, string? code)
    {
        const string loader = "/lib/ld-linux-armhf.so.3";
        var library = ElfBuilder.Create(40, 32, HardFloat, armAttributes: ElfBuilder.ArmAttributes(cpu));
        Build(claimed, code, code == "PL4022" ? (cpu == Armv6 ? "needs linux/arm/v6" : "needs linux/arm/v7") : "",
            ("bin/sh", ElfBuilder.Create(40, 32, HardFloat, loader, ElfBuilder.ArmAttributes(cpu))), ("lib/ld-linux-armhf.so.3", library), ("lib/libc.so.6", library),
            ("etc/os-release", System.Text.Encoding.UTF8.GetBytes($"ID={id}\n")), ("var/lib/dpkg/arch", "armhf\n"u8.ToArray()));
    }

    private void Build(string claimed, string? code, string evidence, params (string Path, byte[] Bytes)[] files)
    {
        var tar = new TarBuilder();
        foreach (var (path, bytes) in files)
            tar.Add(new TarItem(path) { Content = bytes, Mode = 0b111_101_101 });
        var writer = new OciLayoutWriter(_temp["layout"]);
        writer.Tag("a", writer.AddImage(claimed, [writer.AddLayer(tar.ToArray())]));

        var built = new PipelineCommand(_temp.Path).Run("build", "--from", "oci:layout:a", "--as", "directory", "-o", "out");

        built.ExitCode.ShouldBe(code is null ? 0 : 1, built.Output);
        Directory.Exists(_temp["out"]).ShouldBe(code is null);
        if (code is null)
            built.Stderr.ShouldNotContain("PL40");
        else
            built.Stderr.ShouldContain("error " + code);
        built.Stderr.ShouldContain(evidence);
    }
}
