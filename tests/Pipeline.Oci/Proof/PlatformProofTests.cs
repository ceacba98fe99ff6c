using Pipeline.Core.Files;
using Pipeline.Kit;
using Pipeline.Oci.Platforms;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Proof;

public sealed class PlatformProofTests
{
    private const uint HardFloat = 0x0500_0400;
    private const uint SoftFloat = 0x0500_0200;

    [Theory]
    [InlineData("amd64", 62, 64, true, true)]
    [InlineData("arm64", 183, 64, true, true)]
    [InlineData("riscv64", 243, 64, true, true)]
    [InlineData("386", 3, 32, true, true)]
    [InlineData("ppc64le", 21, 64, true, true)]
    [InlineData("s390x", 22, 64, false, true)]
    [InlineData("amd64", 183, 64, true, false)]
    [InlineData("arm64", 62, 64, true, false)]
    [InlineData("arm64", 40, 32, true, false)]
    [InlineData("riscv64", 243, 32, true, false)]
    [InlineData("ppc64le", 21, 64, false, false)]
    public void Machines_are_told_apart(string architecture, int machine, int bits, bool isLittle, bool fits) =>
        Codes(architecture, null, ("/bin/sh", ElfBuilder.Create(machine, bits, isLittle: isLittle))).ShouldBe(fits ? [] : ["PL4021"]);

    [Theory]
    [InlineData("v7", 10, HardFloat, null)]
    [InlineData("v7", 6, HardFloat, null)]
    [InlineData("v7", 4, SoftFloat, null)]
    [InlineData("v6", 6, HardFloat, null)]
    [InlineData("v6", 9, HardFloat, null)]
    [InlineData("v6", 10, HardFloat, "PL4022")]
    [InlineData("v5", 4, SoftFloat, null)]
    [InlineData("v5", 4, HardFloat, "PL4022")]
    [InlineData("v5", 6, SoftFloat, "PL4022")]
    [InlineData(null, 10, HardFloat, null)]
    [InlineData(null, 14, HardFloat, "PL4022")]
    [InlineData("v7", 13, SoftFloat, "PL4024")]
    public void Arm_variants_may_be_older_but_not_newer(string? variant, byte cpu, uint flags, string? code)
    {
        var attributes = ElfBuilder.ArmAttributes(cpu, cpu == 13 ? 'M' : 'A', flags == HardFloat ? (byte)1 : (byte)0);
        Codes("arm", variant, ("/bin/sh", ElfBuilder.Create(40, 32, flags, armAttributes: attributes))).ShouldBe(code is null ? [] : [code]);
    }

    [Fact]
    public void The_evidence_is_told()
    {
        var sh = ElfBuilder.Create(40, 32, HardFloat, armAttributes: ElfBuilder.ArmAttributes(10));
        var message = PlatformProof.Check(Tree(("/usr/bin/dash", sh)).With("/bin/sh", "../usr/bin/dash"), new("linux", "arm", "v6"), null).Single().Message;
        message.ShouldBe("the image should run on linux/arm/v6, but its '/usr/bin/dash' needs linux/arm/v7 (.ARM.attributes: Tag_CPU_arch 10, hard float) and would die of an illegal instruction there; choose an image for linux/arm/v6");
    }

    [Fact]
    public void The_maximum_counts_but_one_optional_program_only_warns()
    {
        var v6 = ElfBuilder.Create(40, 32, HardFloat, armAttributes: ElfBuilder.ArmAttributes(6));
        var v7 = ElfBuilder.Create(40, 32, HardFloat, armAttributes: ElfBuilder.ArmAttributes(10));
        Codes("arm", "v6", ("/bin/sh", v6), ("/usr/bin/a", v7)).ShouldBe(["PL4026"]);
        Codes("arm", "v6", ("/bin/sh", v6), ("/usr/bin/a", v7), ("/usr/bin/b", v7)).ShouldBe(["PL4022"]);
        var dynamic = ElfBuilder.Create(40, 32, HardFloat, "/lib/ld-linux-armhf.so.3", ElfBuilder.ArmAttributes(6));
        Codes("arm", "v6", ("/bin/sh", dynamic), ("/lib/ld-linux-armhf.so.3", v6), ("/lib/libc.so.6", v7)).ShouldBe(["PL4022"]);
    }

    [Fact]
    public void A_loader_that_is_missing_or_foreign_is_noticed()
    {
        var sh = ElfBuilder.Create(62, interpreter: "/lib64/ld-linux-x86-64.so.2");
        Codes("amd64", null, ("/bin/sh", sh)).ShouldBe(["PL4023"]);
        Codes("amd64", null, ("/bin/sh", sh), ("/lib64/ld-linux-x86-64.so.2", ElfBuilder.Create(183))).ShouldBe(["PL4021"]);
        Codes("amd64", null, ("/bin/sh", sh), ("/lib64/ld-linux-x86-64.so.2", ElfBuilder.Create(62)), ("/usr/bin/wine", ElfBuilder.Create(3, 32))).ShouldBeEmpty();
    }

    [Fact]
    public void Where_nothing_can_be_proved_there_is_a_warning()
    {
        Codes("amd64", null, ("/bin/sh", "#!/bin/true"u8.ToArray())).ShouldBe(["PL4025"]);
        Codes("wasm", null, ("/bin/sh", ElfBuilder.Create(62))).ShouldBe(["PL4027"]);
    }

    [Fact]
    public void Broken_headers_end_in_order()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var whole = ElfBuilder.Create(40, 32, HardFloat, "/lib/ld.so", ElfBuilder.ArmAttributes(6));
        for (var round = 0; round < 2000; round++)
        {
            var elf = whole[..random.Next(16, whole.Length)];
            for (var flips = 0; flips < 6; flips++)
                elf[4 + random.Next(elf.Length - 4)] = (byte)random.Next(256);
            Should.NotThrow(() => PlatformProof.Check(Tree(("/bin/sh", elf)), new("linux", "arm", null), null), $"seed {seed}");
        }
    }

    private static string[] Codes(string architecture, string? variant, params (string Path, byte[] Bytes)[] files) =>
        [.. PlatformProof.Check(Tree(files), new Platform("linux", architecture, variant), null).Select(d => d.Rule.Code)];

    private static FileTree Tree(params (string Path, byte[] Bytes)[] files)
    {
        var tree = new FileTree();
        foreach (var (path, bytes) in files)
            tree.Set(path, new RegularFile { Content = FileContent.Of(bytes), Permissions = 0b111_101_101 });
        return tree;
    }
}

internal static class TreeLinks
{
    public static FileTree With(this FileTree tree, string path, string target)
    {
        tree.Set(path, new SymbolicLink { Target = System.Text.Encoding.UTF8.GetBytes(target) });
        return tree;
    }
}
