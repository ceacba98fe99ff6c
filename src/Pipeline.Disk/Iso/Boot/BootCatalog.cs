using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Iso.Boot;

/// <summary>A boot image by its place. <paramref name="LoadSectors"/> is in sectors of 512 bytes, 0 for "to the end of the volume".</summary>
internal sealed record BootImage(byte Platform, int LoadSectors, long Block)
{
    public const byte Bios = 0x00;
    public const byte Uefi = 0xEF;
}

/// <summary>The boot record and the boot catalog: "El Torito" bootable CD-ROM format specification 1.0, UEFI 2.10 §13.3.2.</summary>
internal static class BootCatalog
{
    private const int EntryBytes = 32;
    private const int CatalogPointer = 0x47;
    private const byte Bootable = 0x88;
    private const byte LastHeader = 0x91;
    private const byte Header = 0x90;

    /// <summary>The volume descriptor that names the catalog's block.</summary>
    public static byte[] Record(long catalogBlock)
    {
        var block = new byte[IsoFormat.BlockBytes];
        "CD001"u8.CopyTo(block.AsSpan(1));                              // type 0: boot record
        block[6] = 1;
        "EL TORITO SPECIFICATION"u8.CopyTo(block.AsSpan(7));
        WriteUInt32LittleEndian(block.AsSpan(CatalogPointer), checked((uint)catalogBlock));
        return block;
    }

    /// <summary>The first image is the default entry, each other one a section of its own.</summary>
    public static byte[] Encode(IReadOnlyList<BootImage> images)
    {
        var block = new byte[IsoFormat.BlockBytes];
        WriteValidation(block, images[0].Platform);
        WriteEntry(block.AsSpan(EntryBytes), images[0]);
        for (var i = 1; i < images.Count; i++)
        {
            var section = block.AsSpan(2 * i * EntryBytes);
            section[0] = i == images.Count - 1 ? LastHeader : Header;
            section[1] = images[i].Platform;
            WriteUInt16LittleEndian(section[2..], 1);                   // entries of this section
            WriteEntry(section[EntryBytes..], images[i]);
        }
        return block;
    }

    /// <summary>The 16-bit words of the entry add up to 0.</summary>
    private static void WriteValidation(Span<byte> entry, byte platform)
    {
        entry[0] = 1;
        entry[1] = platform;
        entry[30] = 0x55;
        entry[31] = 0xAA;
        ushort sum = 0;
        for (var i = 0; i < EntryBytes; i += 2)
            sum += ReadUInt16LittleEndian(entry[i..]);
        WriteUInt16LittleEndian(entry[28..], (ushort)-sum);
    }

    /// <summary>No emulation, loaded to the usual segment.</summary>
    private static void WriteEntry(Span<byte> entry, BootImage image)
    {
        entry[0] = Bootable;
        WriteUInt16LittleEndian(entry[6..], checked((ushort)image.LoadSectors));
        WriteUInt32LittleEndian(entry[8..], checked((uint)image.Block));
    }
}
