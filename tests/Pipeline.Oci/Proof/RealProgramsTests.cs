using Pipeline.Core.Files;
using Pipeline.Kit;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Proof;

/// <summary>Programs of real compilers, so that the reader of headers and the writer of test headers cannot share a mistake.</summary>
public sealed class RealProgramsTests
{
    private static readonly Dictionary<string, string> HostArchitectures = new(StringComparer.Ordinal)
    {
        ["x86_64"] = "amd64", ["aarch64"] = "arm64", ["riscv64"] = "riscv64", ["ppc64le"] = "ppc64le", ["s390x"] = "s390x", ["i686"] = "386",
    };

    [Fact]
    public void The_shell_of_this_machine_is_for_this_machine_and_no_other()
    {
        var host = HostArchitectures[Tool.Require("uname", "-m").Trim()];
        var sh = File.ReadAllBytes("/bin/sh");
        var elf = ElfFile.Read(FileContent.Of(sh)).ShouldNotBeNull();
        var told = Tool.Require("bash", "-c", "head -c 20 /bin/sh | od -An -tx1").Split(' ', StringSplitOptions.RemoveEmptyEntries);
        elf.Machine.ShouldBe(Convert.ToInt32(told[19].Trim() + told[18], 16), "bytes 18 and 19 as od prints them");
        var loader = elf.Interpreter;

        foreach (var architecture in HostArchitectures.Values)
        {
            var codes = Codes(new("linux", architecture, null), sh, loader is null ? null : (loader, File.ReadAllBytes(loader)));
            codes.ShouldBe(architecture == host ? "" : "PL4021", architecture);
        }
        if (loader is not null)
            Codes(new("linux", host, null), sh).ShouldBe("PL4023", "without its loader");
    }

    [Theory]
    [InlineData("linux/arm/v7", "arm", "v7", "")]
    [InlineData("linux/arm/v7", "arm", null, "")]
    [InlineData("linux/arm/v7", "arm", "v6", "PL4022")]
    [InlineData("linux/arm/v7", "arm", "v5", "PL4022")]
    [InlineData("linux/arm/v7", "arm64", null, "PL4021")]
    [InlineData("linux/arm/v7", "amd64", null, "PL4021")]
    [InlineData("linux/arm64", "arm64", null, "")]
    [InlineData("linux/arm64", "arm", "v7", "PL4021")]
    [InlineData("linux/amd64", "amd64", null, "")]
    [InlineData("linux/amd64", "386", null, "PL4021")]
    public async Task Debian_s_busybox_is_for_its_own_platform_only(string built, string architecture, string? variant, string code)
    {
        var busybox = await DebianMinimal.ReadAsync(built, "usr/bin/busybox", TestContext.Current.CancellationToken);

        Codes(new("linux", architecture, variant), busybox).ShouldBe(code);
    }

    /// <summary>QEMU's U-Boot, for machines whose systems we do not make: the same header as any program's.</summary>
    [Theory]
    [InlineData("qemu-riscv64_smode", "riscv64")]
    [InlineData("malta64el", "mips64le")]
    [InlineData("maltael", "mipsle")]
    [InlineData("qemu_arm64", "arm64")]
    [InlineData("qemu-x86_64", "amd64")]
    [InlineData("qemu-x86", "386")]
    public void Firmware_for_many_machines_is_told_apart(string board, string architecture)
    {
        var elf = File.ReadAllBytes($"/usr/lib/u-boot/{board}/uboot.elf");

        Codes(new("linux", architecture, null), elf).ShouldBe("");
        foreach (var other in HostArchitectures.Values.Where(a => a != architecture))
            Codes(new("linux", other, null), elf).ShouldBe("PL4021", other);
    }

    /// <summary>The linker writes which level of x86-64 a program needs; readelf says what it wrote.</summary>
    [Theory]
    [InlineData("", 1)]
    [InlineData("x86-64-baseline", 1)]
    [InlineData("x86-64-v2", 2)]
    [InlineData("x86-64-v3", 3)]
    [InlineData("x86-64-v4", 4)]
    public void The_level_of_an_amd64_program_is_what_its_linker_wrote(string needed, int level)
    {
        using var temp = new TempDir();
        File.WriteAllText(temp["a.s"], ".globl _start\n_start: ret\n");
        Tool.Require("as", "--64", "-o", temp["a.o"], temp["a.s"]);
        string[] option = needed.Length == 0 ? [] : ["-z", needed];
        Tool.Require("ld", ["-m", "elf_x86_64", .. option, "-o", temp["a"], temp["a.o"]]);
        if (needed.Length > 0)
            Tool.Require("readelf", "-nW", temp["a"]).ShouldContain("x86 ISA needed: " + needed);
        var program = File.ReadAllBytes(temp["a"]);

        for (var offered = 1; offered <= 4; offered++)
            Codes(Platform.Of("linux", "amd64", $"v{offered}"), program).ShouldBe(level > offered ? "PL4022" : "", $"on v{offered}");
    }

    [Fact]
    public async Task Debian_s_armhf_is_v7_with_floats_in_registers()
    {
        var elf = ElfFile.Read(FileContent.Of(await DebianMinimal.ReadAsync("linux/arm/v7", "usr/bin/busybox", TestContext.Current.CancellationToken))).ShouldNotBeNull();

        (elf.Bits, elf.IsLittleEndian, elf.Machine, elf.Interpreter).ShouldBe((32, true, 40, null));
        (elf.Arm!.Variant, elf.Arm.VfpArguments, elf.Arm.IsMicrocontroller).ShouldBe((7, 1, false));
    }

    private static string Codes(Platform platform, byte[] shell, (string Path, byte[] Bytes)? loader = null)
    {
        var tree = new FileTree();
        tree.Set("/bin/sh", new RegularFile { Content = FileContent.Of(shell), Permissions = 0b111_101_101 });
        if (loader is { } file)
            tree.Set(file.Path, new RegularFile { Content = FileContent.Of(file.Bytes), Permissions = 0b111_101_101 });
        return string.Join(' ', PlatformProof.Check(tree, platform, null).Select(d => d.Rule.Code));
    }
}
