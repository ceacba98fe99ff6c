using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Core.Compression;

public sealed class CompressionTests
{
    private static readonly DecoderLimits Limits = DecoderLimits.Default;

    [Theory]
    [InlineData(CompressionKind.Gzip, "gzip")]
    [InlineData(CompressionKind.Zstandard, "zstd")]
    [InlineData(CompressionKind.Xz, "xz")]
    public void Real_tools_read_what_is_written_and_the_other_way_round(CompressionKind kind, string tool)
    {
        using var temp = new TempDir();
        var bytes = Sample(20_000_000);
        var packed = BlobSource.Pack(bytes, kind);
        Compression.Detect(packed).ShouldBe(kind);
        Unpack(packed).SequenceEqual(bytes).ShouldBeTrue();
        File.WriteAllBytes(temp["p"], packed);
        File.WriteAllBytes(temp["u"], bytes);
        Tool.Require("bash", "-c", $"{tool} -dc < {temp["p"]} | cmp - {temp["u"]}");
        // Several members, frames or streams are one.
        bytes = bytes[..3_000_000];
        File.WriteAllBytes(temp["u"], bytes);
        Tool.Require("bash", "-c", $"{{ {tool} -c < {temp["u"]}; {tool} -c < {temp["u"]}; }} > {temp["two"]}");
        Unpack(File.ReadAllBytes(temp["two"])).Length.ShouldBe(2 * bytes.Length);
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstandard)]
    [InlineData(CompressionKind.Xz)]
    public void Bytes_do_not_depend_on_the_number_of_threads_or_the_pieces(CompressionKind kind)
    {
        var bytes = Sample(40_000_000);
        byte[] Pack(int threads, int piece)
        {
            var packed = new MemoryStream();
            using (var encoder = Compression.OpenEncoder(kind, packed, new EncoderOptions(1, threads)))
            {
                for (var at = 0; at < bytes.Length; at += piece)
                    encoder.Write(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
            }
            return packed.ToArray();
        }
        var one = Pack(1, 1 << 20);
        Pack(2, 777_777).SequenceEqual(one).ShouldBeTrue();
        Pack(5, bytes.Length).SequenceEqual(one).ShouldBeTrue();
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstandard)]
    [InlineData(CompressionKind.Xz)]
    public void Damage_and_early_ends_are_noticed(CompressionKind kind)
    {
        var packed = BlobSource.Pack(Sample(300_000), kind);
        Should.Throw<InvalidDataException>(() => Unpack(packed[..(packed.Length / 2)]));
        packed[packed.Length / 2] ^= 0x10;
        Should.Throw<InvalidDataException>(() => Unpack(packed));
    }

    [Fact]
    public void Skippable_frames_vanish_and_plain_bytes_stay()
    {
        byte[] skippable = [0x5A, 0x2A, 0x4D, 0x18, 3, 0, 0, 0, 1, 2, 3];
        var frame = BlobSource.Pack("hello"u8.ToArray(), CompressionKind.Zstandard);
        Encoding.ASCII.GetString(Unpack([.. skippable, .. frame, .. skippable, .. frame, .. skippable])).ShouldBe("hellohello");
        Encoding.ASCII.GetString(Unpack("hi"u8.ToArray())).ShouldBe("hi");
        Unpack([]).ShouldBeEmpty();
    }

    [Theory]
    [InlineData(CompressionKind.Gzip)]
    [InlineData(CompressionKind.Zstandard)]
    public void A_bomb_is_stopped(CompressionKind kind)
    {
        var bomb = BlobSource.Pack(new byte[8 << 20], kind);
        Should.Throw<InvalidDataException>(() => Unpack(bomb, Limits with { MaxBytes = 1 << 20 })).Message.ShouldContain("1048576 bytes");
        Should.Throw<InvalidDataException>(() => Unpack(bomb, Limits with { MaxRatio = 10, RatioFreeBytes = 1 << 20 })).Message.ShouldContain("10 times");
    }

    [Fact]
    public void A_missing_library_names_its_package() =>
        Should.Throw<MissingLibraryException>(() => NativeLibraries.Require(false, "zstd", "libzstd.so.1", "libzstd1"))
            .Diagnostic.ToString().ShouldBe("error PL9010: zstd needs the library 'libzstd.so.1', which this machine lacks; install it (on Debian: apt-get install libzstd1)");

    private static byte[] Unpack(byte[] packed, DecoderLimits? limits = null)
    {
        using var decoder = Compression.OpenDecoder(new MemoryStream(packed), limits ?? Limits);
        var plain = new MemoryStream();
        decoder.CopyTo(plain);
        return plain.ToArray();
    }

    /// <summary>Noise of 5 bits a byte, one page in eight; the others repeat what lies 8 pages before, which packs quickly. Pure noise takes xz minutes.</summary>
    private static byte[] Sample(int length)
    {
        const int page = 4096;
        var bytes = new byte[length];
        var state = 12345u;
        for (var i = 0; i < length; i++)
        {
            state = (state * 1664525) + 1013904223;
            bytes[i] = i < 8 * page || i / page % 8 == 0 ? (byte)((state >> 24) & 0x1F) : bytes[i - (8 * page)];
        }
        return bytes;
    }
}
