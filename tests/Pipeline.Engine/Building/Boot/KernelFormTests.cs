using System.Buffers.Binary;
using System.Text;
using Pipeline.Core.Files;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

public sealed class KernelFormTests
{
    [Theory]
    [InlineData("", "is empty")]
    [InlineData("version https://git-lfs.github.com/spec/v1\n", "is a text")]
    [InlineData("<html>\r\n<title>404 N\u00f6</title>\r\n", "is a text")]
    [InlineData("a kernel of a test", null)]
    [InlineData("\u001f\u008b\b\0\n", null)]
    public void What_is_certainly_no_kernel_is_told(string content, string? problem) =>
        KernelForm.Problem(FileContent.Of(Encoding.UTF8.GetBytes(content)), "amd64").ShouldBe(problem);

    [Theory]
    [InlineData("HdrS", 0x202, "amd64", "386", "arm64", "is one for amd64")]
    [InlineData("ARMd", 0x38, "arm64", "arm", "amd64", "is one for arm64")]
    [InlineData("RSC\u0005", 0x38, "riscv64", "riscv64", "arm64", "is one for riscv64")]
    [InlineData("\u0018\u0028\u006f\u0001", 0x24, "arm", "arm64", "riscv64", "is one for arm")]
    public void One_for_another_machine_is_told(string magic, int at, string own, string alike, string other, string problem)
    {
        var file = new byte[8192];
        Encoding.ASCII.GetBytes(magic).CopyTo(file, at);
        KernelForm.Problem(FileContent.Of(file), own).ShouldBeNull();
        KernelForm.Problem(FileContent.Of(file), alike).ShouldBeNull();
        KernelForm.Problem(FileContent.Of(file), other).ShouldBe(problem);
    }

    /// <summary>Where Linux says nothing itself: what its program for UEFI is for. The offset is a stranger's.</summary>
    [Theory]
    [InlineData(0x40, 0x6264, "is one for loong64")]
    [InlineData(0x40, 0x8664, null)]
    [InlineData(0x40, 0x1234, null)]
    [InlineData(4094, 0x6264, null)]
    [InlineData(-1, 0x6264, null)]
    public void A_program_of_uefi_is_for_its_machine(int at, int machine, string? problem)
    {
        var file = new byte[8192];
        "MZ"u8.CopyTo(file);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(0x3C), at);
        if (at >= 0)
        {
            "PE\0\0"u8.CopyTo(file.AsSpan(at));
            BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(at + 4), (ushort)machine);
        }
        KernelForm.Problem(FileContent.Of(file), "amd64").ShouldBe(problem);
    }
}
