using System.Buffers.Binary;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Disk.Grub;

/// <summary>Core images, held against those of <c>grub-mkimage</c>: all is the same but the packed bytes, which unpack to the same.</summary>
public sealed class GrubPcCoreTests
{
    private const string Folder = "/usr/lib/grub/i386-pc/";
    private const string Prefix = "(,gpt2)/boot/grub";
    private const string Config = "search.fs_uuid 1234-ABCD root\nset prefix=($root)/boot/grub\n";
    private const int DecompressorAt = 512;
    private static readonly string[] Wanted = ["biosdisk", "part_gpt", "part_msdos", "ext2", "fat", "search_fs_uuid", "normal", "linux"];

    [Theory]
    [InlineData("all that boots", Config, "biosdisk part_gpt part_msdos ext2 fat search_fs_uuid normal linux")]
    [InlineData("no configuration", null, "biosdisk part_msdos fat")]
    [InlineData("one module", "\n", "minicmd")]
    public void Core_is_that_of_grub_mkimage(string what, string? config, string wanted)
    {
        var (ours, theirs) = (Make(wanted.Split(' '), config).At(2047), Theirs(wanted.Split(' '), config));
        var packedAt = DecompressorAt + File.ReadAllBytes(Folder + "lzma_decompress.img").Length;

        Unpack(ours, packedAt).SequenceEqual(Unpack(theirs, packedAt)).ShouldBeTrue(what);
        // What differs is told by the packed length: its field, and the number of sectors.
        foreach (var image in new[] { ours, theirs })
        {
            image.AsSpan(DecompressorAt + 8, 4).Clear();
            image.AsSpan(0x1F4, 10).Clear();
        }
        ours.AsSpan(0, packedAt).SequenceEqual(theirs.AsSpan(0, packedAt)).ShouldBeTrue(what);
    }

    [Fact]
    public void First_sector_names_the_place_and_length_of_the_rest()
    {
        var core = Make(Wanted, Config);
        var bytes = core.At(2048);

        bytes.Length.ShouldBe(core.LengthBytes);
        (bytes.Length % 512).ShouldBe(0);
        BinaryPrimitives.ReadUInt64LittleEndian(bytes.AsSpan(0x1F4)).ShouldBe(2049UL);
        BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(0x1FC)).ShouldBe((ushort)(bytes.Length / 512 - 1));
        BinaryPrimitives.ReadUInt16LittleEndian(bytes.AsSpan(0x1FE)).ShouldBe((ushort)0x820);
        BinaryPrimitives.ReadUInt64LittleEndian(core.At(1).AsSpan(0x1F4)).ShouldBe(2UL);
    }

    [Fact]
    public void Modules_come_behind_what_they_need()
    {
        var order = GrubModules.Resolve(File.ReadAllText(Folder + "moddep.lst"), Wanted).ToList();

        order.ShouldBeUnique();
        order.IndexOf("fshelp").ShouldBeLessThan(order.IndexOf("ext2"));
        order.IndexOf("boot").ShouldBeLessThan(order.IndexOf("linux"));
        order.IndexOf("normal").ShouldBeLessThan(order.IndexOf("linux"));
    }

    [Theory]
    [InlineData("a: b\nb: a\n", "a", "b a")]
    [InlineData("a: b c\nb: c\nc:\n", "a b", "c b a")]
    [InlineData("a:\nb:\n", "b a a", "b a")]
    public void Dependencies_are_resolved_also_in_circles(string list, string wanted, string order) =>
        string.Join(' ', GrubModules.Resolve(list, wanted.Split(' '))).ShouldBe(order);

    [Fact]
    public void Module_that_is_not_in_the_list_is_refused() =>
        Should.Throw<InvalidDataException>(() => GrubModules.Resolve("a: b\n", ["a"])).Message.ShouldContain("'b'");

    [Theory]
    [InlineData("kernel.img", 0)]
    [InlineData("kernel.img", 0x20)]
    [InlineData("kernel.img", 0x30)]
    [InlineData("diskboot.img", 0x1FE)]
    [InlineData("lzma_decompress.img", 0x15)]
    public void Damaged_parts_are_refused(string file, int at)
    {
        var bytes = File.ReadAllBytes(Folder + file);
        bytes[at] ^= 0x77;
        var parts = Parts(["biosdisk"], null);
        parts = file[0] switch { 'k' => parts with { Kernel = bytes }, 'd' => parts with { DiskBoot = bytes }, _ => parts with { Decompressor = bytes } };

        Should.Throw<InvalidDataException>(() => GrubPcCore.Make(parts)).Message.ShouldStartWith(file);
    }

    [Fact]
    public void Any_bytes_for_a_kernel_are_refused_in_words()
    {
        var random = new Random(3);
        var good = File.ReadAllBytes(Folder + "kernel.img");
        for (var i = 0; i < 2000; i++)
        {
            var bytes = (byte[])good.Clone();
            for (var j = 0; j < 4; j++)
                bytes[random.Next(2) == 0 ? random.Next(64) : random.Next(good.Length - 800, good.Length)] = (byte)random.Next(256);
            try
            {
                GrubKernel.Read(bytes);
            }
            catch (InvalidDataException)
            {
                // The only answer besides a kernel.
            }
        }
    }

    [Fact]
    public void More_than_a_bios_can_load_is_refused()
    {
        var noise = new byte[600_000];
        new Random(5).NextBytes(noise);

        Should.Throw<InvalidDataException>(() => GrubPcCore.Make(Parts([], null) with { Modules = [noise] })).Message.ShouldContain("more than a BIOS can load");
    }

    [Fact]
    public void Boot_code_is_that_of_grub_with_the_place_of_the_core()
    {
        var image = File.ReadAllBytes(Folder + "boot.img");
        var code = GrubPcBootSector.Make(image, 0x1_2345_6789);

        code.Length.ShouldBe(440);
        BinaryPrimitives.ReadUInt64LittleEndian(code.AsSpan(0x5C)).ShouldBe(0x1_2345_6789UL);
        code[0x64].ShouldBe((byte)0xFF);
        BinaryPrimitives.ReadUInt16LittleEndian(code.AsSpan(0x66)).ShouldBe((ushort)0x9090);
        code.AsSpan(0x68).SequenceEqual(image.AsSpan(0x68, 440 - 0x68)).ShouldBeTrue();
        Should.Throw<InvalidDataException>(() => GrubPcBootSector.Make(new byte[512], 1));
    }

    private static GrubPcParts Parts(string[] wanted, string? config) => new(
        File.ReadAllBytes(Folder + "kernel.img"), File.ReadAllBytes(Folder + "lzma_decompress.img"), File.ReadAllBytes(Folder + "diskboot.img"),
        [.. GrubModules.Resolve(File.ReadAllText(Folder + "moddep.lst"), wanted).Select(m => File.ReadAllBytes($"{Folder}{m}.mod"))], Prefix, config);

    private static GrubPcCore Make(string[] wanted, string? config) => GrubPcCore.Make(Parts(wanted, config));

    private static byte[] Theirs(string[] wanted, string? config)
    {
        using var temp = new TempDir();
        string[] configuration = [];
        if (config is not null)
        {
            File.WriteAllText(temp["cfg"], config);
            configuration = ["-c", temp["cfg"]];
        }
        Tool.Require("grub-mkimage", ["-O", "i386-pc", "-d", Folder, "-p", Prefix, .. configuration, "-o", temp["core"], .. wanted]);
        return File.ReadAllBytes(temp["core"]);
    }

    private static byte[] Unpack(byte[] core, int packedAt)
    {
        using var temp = new TempDir();
        var header = new byte[13];
        header[0] = 0x5D;
        BinaryPrimitives.WriteUInt32LittleEndian(header.AsSpan(1), 16 << 20);
        core.AsSpan(DecompressorAt + 0x0C, 4).CopyTo(header.AsSpan(5));
        var packedBytes = BinaryPrimitives.ReadInt32LittleEndian(core.AsSpan(DecompressorAt + 8));
        File.WriteAllBytes(temp["p"], [.. header, .. core.AsSpan(packedAt, packedBytes)]);
        Tool.Require("bash", "-c", $"xz --format=lzma -dc {temp["p"]} > {temp["u"]}");
        return File.ReadAllBytes(temp["u"]);
    }
}
