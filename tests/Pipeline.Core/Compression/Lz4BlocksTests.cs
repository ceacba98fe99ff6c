using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Core.Compression;

public sealed class Lz4BlocksTests
{
    private readonly Lz4Blocks _packer = new();

    public static TheoryData<string, int> Inputs
    {
        get
        {
            var data = new TheoryData<string, int>();
            foreach (var kind in new[] { "zero", "noise", "words", "period" })
            {
                foreach (var length in new[] { 1, 12, 13, 14, 300, 5000, 70_000, 1 << 20 })
                    data.Add(kind, length);
            }
            return data;
        }
    }

    /// <summary>With room for all of it, and with less and less; one packer for all, so nothing of one is left in the next.</summary>
    [Theory]
    [MemberData(nameof(Inputs))]
    public void What_was_packed_comes_back(string kind, int length)
    {
        var input = Make(kind, length);
        var whole = Packed(input, length + length / 200 + 32, out var all);
        all.ShouldBe(length);
        Unpacked(whole).SequenceEqual(input).ShouldBeTrue();
        foreach (var room in new[] { 32, 47, 100, 4096, 65_536 })
        {
            var part = Packed(input, room, out var consumed);
            part.Length.ShouldBeLessThanOrEqualTo(room);
            consumed.ShouldBeGreaterThan(0);
            Unpacked(part).AsSpan().SequenceEqual(input.AsSpan(0, consumed)).ShouldBeTrue($"{room} bytes of room");
            if (whole.Length <= room)
                consumed.ShouldBe(length);
            else if (kind != "zero")
                part.Length.ShouldBeGreaterThan(room - 20, "room is used");
        }
        Packed(input, length + length / 200 + 32, out _).SequenceEqual(whole).ShouldBeTrue();
    }

    [Fact]
    public void Text_packs_about_as_well_as_the_tool_packs_it()
    {
        using var dir = new TempDir();
        var text = File.ReadAllBytes(typeof(Lz4Blocks).Assembly.Location);
        File.WriteAllBytes(dir["x"], text);
        Tool.Require("lz4", "-q", "-9", "--no-frame-crc", dir["x"], dir["x.lz4"]);
        Packed(text, text.Length + text.Length / 200 + 32, out _).Length.ShouldBeLessThan((int)(new FileInfo(dir["x.lz4"]).Length * 1.06));
    }

    [Fact]
    public void The_judge_says_no_to_a_flipped_bit()
    {
        var input = Make("words", 5000);
        var packed = Packed(input, 6000, out _);
        packed[20] ^= 1;
        Should.Throw<ShouldAssertException>(() => Unpacked(packed).SequenceEqual(input).ShouldBeTrue());
    }

    private static byte[] Make(string kind, int length)
    {
        var random = new Random(length);
        var bytes = new byte[length];
        if (kind == "noise")
            random.NextBytes(bytes);
        for (var i = 0; i < length && kind is "words" or "period" && i < length; i++)
            bytes[i] = kind == "period" ? (byte)(i % 7) : (byte)"etaoin shrdlu\n"[(int)Math.Sqrt(random.Next(14 * 14))];
        return bytes;
    }

    private byte[] Packed(byte[] input, int room, out int consumed)
    {
        var output = new byte[room];
        return output[.._packer.Compress(input, output, out consumed)];
    }

    /// <summary>The tool reads blocks of the oldest frame as they are: a magic number, a length, the block.</summary>
    private static byte[] Unpacked(byte[] block)
    {
        using var dir = new TempDir();
        File.WriteAllBytes(dir["x.lz4"], [0x02, 0x21, 0x4C, 0x18, .. BitConverter.GetBytes(block.Length), .. block]);
        Tool.Require("lz4", "-q", "-d", dir["x.lz4"], dir["x"]);
        return File.ReadAllBytes(dir["x"]);
    }
}
