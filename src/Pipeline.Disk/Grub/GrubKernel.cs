using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Grub;

/// <summary>
/// GRUB's <c>kernel.img</c> for PC BIOS: a 32-bit ELF program that is linked to its place. What of it lies in memory
/// before it starts is one run of bytes from <see cref="LinkAddress"/> on; modules follow right behind.
/// </summary>
/// <param name="Bytes">Text and data, without what starts as zeroes.</param>
/// <param name="ZeroedBytes">How much memory behind them the program clears for itself.</param>
internal sealed record GrubKernel(byte[] Bytes, int ZeroedBytes)
{
    /// <summary>GRUB_KERNEL_I386_PC_LINK_ADDR.</summary>
    public const int LinkAddress = 0x9000;

    /// <summary>Text, data and cleared memory end here at the latest: above lie GRUB's own buffers.</summary>
    private const int MemoryEnd = 0x6_8000;

    private const int HeaderBytes = 52;
    private const int SectionHeaderBytes = 40;
    private const uint TypeProgramBits = 1;     // SHT_PROGBITS
    private const uint TypeNoBits = 8;          // SHT_NOBITS
    private const uint FlagAllocated = 2;       // SHF_ALLOC

    private sealed record Section(uint Type, int Address, int Offset, int Length);

    /// <exception cref="InvalidDataException">It is no such program.</exception>
    public static GrubKernel Read(byte[] elf)
    {
        var sections = Sections(elf);
        var (loaded, zeroed) = (sections.Where(s => s.Type == TypeProgramBits).ToList(), sections.Where(s => s.Type == TypeNoBits).ToList());
        if (loaded.Count == 0 || loaded.Min(s => s.Address) != LinkAddress)
            throw new InvalidDataException($"kernel.img is not linked to 0x{LinkAddress:x}");
        var end = loaded.Max(s => s.Address + s.Length);
        var image = new byte[end - LinkAddress];
        foreach (var section in loaded)
            elf.AsSpan(section.Offset, section.Length).CopyTo(image.AsSpan(section.Address - LinkAddress));
        return new(image, zeroed.Select(s => s.Address + s.Length).Append(end).Max() - end);
    }

    private static List<Section> Sections(byte[] elf)
    {
        if (elf.Length < HeaderBytes || !elf.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x7F, (byte)'E', (byte)'L', (byte)'F', 1, 1]))
            throw new InvalidDataException("kernel.img is not a 32-bit ELF program");
        var table = ReadUInt32LittleEndian(elf.AsSpan(32));                 // e_shoff
        var entryBytes = ReadUInt16LittleEndian(elf.AsSpan(46));            // e_shentsize
        var count = ReadUInt16LittleEndian(elf.AsSpan(48));                 // e_shnum
        if (entryBytes != SectionHeaderBytes || table + (long)count * entryBytes > elf.Length)
            throw new InvalidDataException("kernel.img has a section table that is not all there");
        return [.. Enumerable.Range(0, count).Select(i => ReadSection(elf, (int)table + i * entryBytes)).OfType<Section>()];
    }

    private static Section? ReadSection(byte[] elf, int at)
    {
        var header = elf.AsSpan(at, SectionHeaderBytes);
        var type = ReadUInt32LittleEndian(header[4..]);                     // sh_type
        if ((ReadUInt32LittleEndian(header[8..]) & FlagAllocated) == 0 || type is not (TypeProgramBits or TypeNoBits))
            return null;
        long address = ReadUInt32LittleEndian(header[12..]);                // sh_addr
        long offset = ReadUInt32LittleEndian(header[16..]);                 // sh_offset
        long length = ReadUInt32LittleEndian(header[20..]);                 // sh_size
        if (address < LinkAddress || address + length > MemoryEnd || (type == TypeProgramBits && offset + length > elf.Length))
            throw new InvalidDataException("kernel.img has a section outside of its memory");
        return new(type, (int)address, (int)offset, (int)length);
    }
}
