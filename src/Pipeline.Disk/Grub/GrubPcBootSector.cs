using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Grub;

/// <summary>The boot code in sector 0 of a disk, from GRUB's <c>boot.img</c>: it reads the first sector of the core image and starts it.</summary>
public static class GrubPcBootSector
{
    /// <summary>What lies behind belongs to the partition table: the disk's signature, the entries, 55 AA.</summary>
    public const int CodeBytes = 440;

    private const int CoreSectorField = 0x5C;
    private const int BootDriveField = 0x64;
    private const int DriveCheckField = 0x66;
    private const int ParameterBlockFirst = 0x03;
    private const int ParameterBlockEnd = 0x5A;
    private const byte DriveOfBios = 0xFF;
    private const byte NoOperation = 0x90;

    /// <param name="boot"><c>boot.img</c>, one sector.</param>
    /// <param name="coreLba">First sector of the core image.</param>
    /// <returns>Bytes 0 to 439 of the disk.</returns>
    /// <exception cref="InvalidDataException">It is no boot sector of GRUB's.</exception>
    public static byte[] Make(byte[] boot, long coreLba)
    {
        if (boot.Length != GrubPcCore.SectorBytes || ReadUInt16LittleEndian(boot.AsSpan(510)) != 0xAA55)
            throw new InvalidDataException("boot.img is not a boot sector");
        var code = boot[..CodeBytes];
        code.AsSpan(ParameterBlockFirst, ParameterBlockEnd - ParameterBlockFirst).Clear();
        WriteUInt64LittleEndian(code.AsSpan(CoreSectorField), (ulong)coreLba);
        code[BootDriveField] = DriveOfBios;
        // A jump that is taken where the BIOS named the drive well; without it every drive is taken for a hard disk, which
        // helps with those that do not.
        code[DriveCheckField] = code[DriveCheckField + 1] = NoOperation;
        return code;
    }
}
