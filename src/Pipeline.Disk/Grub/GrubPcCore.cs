using Pipeline.Core.Compression;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Grub;

/// <summary>What a core image for PC BIOS is made of, as it lies in a folder <c>i386-pc</c> of GRUB.</summary>
/// <param name="Kernel"><c>kernel.img</c>, an ELF program.</param>
/// <param name="Decompressor"><c>lzma_decompress.img</c>.</param>
/// <param name="DiskBoot"><c>diskboot.img</c>, the first sector, which reads the others.</param>
/// <param name="Modules">In an order in which each lies behind what it needs: see <see cref="GrubModules.Resolve"/>.</param>
/// <param name="Prefix">Where GRUB looks for its files, such as <c>(,gpt2)/boot/grub</c>: without a disk it is the one it was started from.</param>
/// <param name="Config">Commands that run before the normal mode; null for none.</param>
public sealed record GrubPcParts(
    byte[] Kernel, byte[] Decompressor, byte[] DiskBoot, IReadOnlyList<byte[]> Modules, string Prefix, string? Config);

/// <summary>
/// A core image of GRUB for PC BIOS: one sector that reads the rest, a decompressor, and the packed kernel with its
/// modules. See the README for the fields.
/// </summary>
public sealed class GrubPcCore
{
    public const int SectorBytes = 512;

    /// <summary>Where the program behind the first sector is read to; it must end before <see cref="LoadEnd"/>.</summary>
    private const int LoadAddress = 0x8200;
    private const int LoadEnd = 0x7_8000;

    private const int CompressedSizeField = 0x08;
    private const int UncompressedSizeField = 0x0C;
    private const int RedundancyField = 0x10;
    private const int UnprotectedLengthField = 0x14;
    private const int DecompressorFieldsEnd = 0x1C;
    private const int BlockListField = SectorBytes - 12;     // start (8), length (2), segment (2)
    private const ushort ProgramSegment = LoadAddress >> 4;
    private readonly byte[] _bytes;

    private GrubPcCore(byte[] bytes) => _bytes = bytes;

    /// <summary>Whole sectors.</summary>
    public int LengthBytes => _bytes.Length;

    /// <exception cref="InvalidDataException">A part is not what it should be, or all together do not fit into memory.</exception>
    public static GrubPcCore Make(GrubPcParts parts)
    {
        var kernel = GrubKernel.Read(parts.Kernel);
        byte[] plain = [.. kernel.Bytes, .. GrubModules.Area(parts.Modules, parts.Config, parts.Prefix)];
        if (plain.Length > LzmaEncoder.MaxBytes)
            throw new InvalidDataException($"the modules have {plain.Length} bytes, expected at most {LzmaEncoder.MaxBytes}");
        var packed = LzmaEncoder.Encode(plain);
        var program = Decompressor(parts.Decompressor, packed.Length, plain.Length);
        var length = program.Length + packed.Length;
        if (LoadAddress + length > LoadEnd)
            throw new InvalidDataException($"the core image has {length} bytes, which is more than a BIOS can load ({LoadEnd - LoadAddress}); fewer modules are needed");
        var sectors = (length + SectorBytes - 1) / SectorBytes;
        var bytes = new byte[(1 + sectors) * SectorBytes];
        DiskBoot(parts.DiskBoot, sectors).CopyTo(bytes, 0);
        program.CopyTo(bytes, SectorBytes);
        packed.CopyTo(bytes, SectorBytes + program.Length);
        return new(bytes);
    }

    /// <summary>The image for a place on a disk: its first sector names the place of the second.</summary>
    /// <param name="firstLba">Of the image, in sectors of 512 bytes.</param>
    public byte[] At(long firstLba)
    {
        var placed = (byte[])_bytes.Clone();
        WriteUInt64LittleEndian(placed.AsSpan(BlockListField), (ulong)firstLba + 1);
        return placed;
    }

    private static byte[] DiskBoot(byte[] image, int sectors)
    {
        if (image.Length != SectorBytes || ReadUInt16LittleEndian(image.AsSpan(BlockListField + 10)) != ProgramSegment)
            throw new InvalidDataException("diskboot.img is not one sector that loads to 0x8200");
        var sector = (byte[])image.Clone();
        WriteUInt16LittleEndian(sector.AsSpan(BlockListField + 8), (ushort)sectors);
        return sector;
    }

    /// <summary>
    /// No Reed-Solomon redundancy: it would repair sectors that other software wrote into an unused gap, and here the
    /// place belongs to GRUB alone.
    /// </summary>
    private static byte[] Decompressor(byte[] image, int packedBytes, int plainBytes)
    {
        if (image.Length < DecompressorFieldsEnd || image.Length > GrubKernel.LinkAddress - LoadAddress
            || ReadUInt16LittleEndian(image.AsSpan(UnprotectedLengthField)) > image.Length)
            throw new InvalidDataException("lzma_decompress.img is not a decompressor for PC BIOS");
        var program = (byte[])image.Clone();
        WriteUInt32LittleEndian(program.AsSpan(CompressedSizeField), (uint)packedBytes);
        WriteUInt32LittleEndian(program.AsSpan(UncompressedSizeField), (uint)plainBytes);
        WriteUInt32LittleEndian(program.AsSpan(RedundancyField), 0);
        return program;
    }
}
