using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Iso.Boot;

/// <summary>What a boot image for a BIOS, and the boot code of the disk, must know of its place.</summary>
internal static class BiosImage
{
    /// <summary>The least length: the table, and for GRUB the sectors up to the end of its first block list.</summary>
    public const int LeastBytes = 64;
    public const int LeastGrubBytes = GrubField + 8;

    /// <summary>Of <c>cdboot.img</c>, which is one block of the CD.</summary>
    private const int TableByte = 8;
    private const int TableEnd = 64;

    /// <summary>The place of the rest in the block list of <c>diskboot.img</c>, behind <c>cdboot.img</c>.</summary>
    private const int GrubField = 2548;

    /// <summary>Where <c>boot_hybrid.img</c> keeps the first sector that it loads.</summary>
    private const int HybridField = 0x1B0;

    /// <summary>The boot information table, and for GRUB where the second sector of its core image lies.</summary>
    public static byte[] Patch(byte[] image, long block, bool isGrub)
    {
        var patched = (byte[])image.Clone();
        if (isGrub)
            WriteInt64LittleEndian(patched.AsSpan(GrubField), block * IsoFormat.SectorsPerBlock + 5);
        var table = patched.AsSpan(TableByte, TableEnd - TableByte);
        table.Clear();
        WriteUInt32LittleEndian(table, IsoFormat.SystemAreaBlocks);             // block of the primary volume descriptor
        WriteUInt32LittleEndian(table[4..], checked((uint)block));              // block of this image
        WriteInt32LittleEndian(table[8..], patched.Length);                     // its length
        WriteUInt32LittleEndian(table[12..], Sum(patched.AsSpan(TableEnd)));    // sum of what is behind the table
        return patched;
    }

    /// <summary>Bytes 0 to 439 of the disk; they start the core image behind <c>cdboot.img</c>.</summary>
    public static byte[] HybridCode(byte[] bootHybrid, long block)
    {
        var code = bootHybrid[..Mbr.MbrWriter.FirstByte];
        WriteInt64LittleEndian(code.AsSpan(HybridField), block * IsoFormat.SectorsPerBlock + 4);
        return code;
    }

    private static uint Sum(ReadOnlySpan<byte> bytes)
    {
        uint sum = 0;
        Span<byte> last = stackalloc byte[4];
        for (var i = 0; i < bytes.Length; i += 4)
        {
            if (bytes.Length - i >= 4)
            {
                sum += ReadUInt32LittleEndian(bytes[i..]);
                continue;
            }
            last.Clear();
            bytes[i..].CopyTo(last);
            sum += ReadUInt32LittleEndian(last);
        }
        return sum;
    }
}
