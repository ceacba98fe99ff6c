using System.Buffers.Binary;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Core.Compression;

public sealed class LzmaEncoderTests
{
    [Theory]
    [InlineData("nothing", 0, 1)]
    [InlineData("one byte", 1, 1)]
    [InlineData("two bytes", 2, 1)]
    [InlineData("one letter", 100_000, 1)]
    [InlineData("two letters", 5000, 2)]
    [InlineData("few letters", 300_000, 5)]
    [InlineData("chance", 300_000, 256)]
    public void Xz_reads_what_is_written(string what, int length, int letters) => ShouldUnpack(Sample(length, letters), what);

    [Fact]
    public void Xz_reads_programs()
    {
        foreach (var path in new[] { "/usr/lib/grub/i386-pc/normal.mod", "/usr/lib/grub/i386-pc/kernel.img", typeof(LzmaEncoder).Assembly.Location })
            ShouldUnpack(File.ReadAllBytes(path), path);
    }

    [Fact]
    public void Programs_are_packed_nearly_as_well_as_xz_does()
    {
        using var temp = new TempDir();
        var program = File.ReadAllBytes("/usr/bin/bash")[..400_000];
        File.WriteAllBytes(temp["p"], program);
        var theirs = long.Parse(Tool.Require("bash", "-c", $"xz --format=raw --lzma1=preset=6 -c {temp["p"]} | wc -c"), provider: null);

        LzmaEncoder.Encode(program).Length.ShouldBeLessThan((int)(theirs * 1.12));
    }

    [Fact]
    public void Xz_refuses_a_flipped_bit()
    {
        using var temp = new TempDir();
        var packed = Wrap(LzmaEncoder.Encode(Sample(300_000, 5)), 300_000);
        packed[20_000] ^= 4;
        File.WriteAllBytes(temp["p"], packed);
        File.WriteAllBytes(temp["u"], Sample(300_000, 5));

        Tool.Run("bash", "-c", $"set -o pipefail; xz --format=lzma -dc {temp["p"]} | cmp - {temp["u"]}").ExitCode.ShouldNotBe(0);
    }

    [Fact]
    public void Too_much_is_refused() => Should.Throw<ArgumentException>(() => LzmaEncoder.Encode(new byte[LzmaEncoder.MaxBytes + 1]));

    private static void ShouldUnpack(byte[] data, string what)
    {
        using var temp = new TempDir();
        File.WriteAllBytes(temp["p"], Wrap(LzmaEncoder.Encode(data), data.Length));
        File.WriteAllBytes(temp["u"], data);
        var judged = Tool.Run("bash", "-c", $"set -o pipefail; xz --format=lzma -dc {temp["p"]} | cmp - {temp["u"]}");
        judged.ExitCode.ShouldBe(0, $"{what}: {judged.Output}");
    }

    /// <summary>The header of an .lzma file: parameters, dictionary, unpacked length.</summary>
    private static byte[] Wrap(byte[] stream, int length)
    {
        var header = new byte[13];
        header[0] = (2 * 5 + 0) * 9 + 3;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(1), 16 << 20);
        BinaryPrimitives.WriteInt64LittleEndian(header.AsSpan(5), length);
        return [.. header, .. stream];
    }

    private static byte[] Sample(int length, int letters)
    {
        var random = new Random(7);
        var data = new byte[length];
        for (var i = 0; i < length; i++)
            data[i] = (byte)random.Next(letters);
        return data;
    }
}
