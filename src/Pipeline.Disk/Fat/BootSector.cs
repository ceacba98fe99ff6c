using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Fat;

/// <summary>The boot sector with its BIOS parameter block. FAT specification 1.03, "Boot Sector and BPB Structure".</summary>
internal sealed record BootSector(FatGeometry Geometry, FatOptions Options)
{
    public const int BackupSector32 = 6;
    public const int FsInfoSector32 = 1;
    public const byte Media = 0xF8;
    private const int MaxCylinders = 1024;
    private const int DefaultSectorsPerTrack = 32;

    /// <summary>int 18h (let the firmware go on), then halt for ever: there is nothing here to boot.</summary>
    private static ReadOnlySpan<byte> NotBootable => [0xCD, 0x18, 0xF4, 0xEB, 0xFD];

    private bool Is32 => Geometry.Bits == 32;

    private int SectorsPerTrack => Options.SectorsPerTrack ?? DefaultSectorsPerTrack;

    /// <summary>Fills one whole sector; every byte not named here is zero.</summary>
    public void WriteTo(Span<byte> sector)
    {
        sector.Clear();
        var fits16 = !Is32 && Geometry.TotalSectors <= ushort.MaxValue;
        var extended = Is32 ? 64 : 36;
        sector[0] = 0xEB;                                                               // BS_jmpBoot
        sector[1] = (byte)(extended + 26 - 2);
        sector[2] = 0x90;
        "MSWIN4.1"u8.CopyTo(sector[3..]);                                               // BS_OEMName, as the specification advises
        WriteUInt16LittleEndian(sector[11..], (ushort)Geometry.SectorBytes);            // BPB_BytsPerSec
        sector[13] = (byte)Geometry.SectorsPerCluster;                                  // BPB_SecPerClus
        WriteUInt16LittleEndian(sector[14..], (ushort)Geometry.ReservedSectors);        // BPB_RsvdSecCnt
        sector[16] = FatGeometry.FatCount;                                              // BPB_NumFATs
        WriteUInt16LittleEndian(sector[17..], (ushort)Geometry.RootEntries);            // BPB_RootEntCnt
        WriteUInt16LittleEndian(sector[19..], fits16 ? (ushort)Geometry.TotalSectors : (ushort)0);    // BPB_TotSec16
        sector[21] = Media;                                                             // BPB_Media: a hard disk
        WriteUInt16LittleEndian(sector[22..], Is32 ? (ushort)0 : (ushort)Geometry.FatSectors);        // BPB_FATSz16
        WriteUInt16LittleEndian(sector[24..], (ushort)SectorsPerTrack);                 // BPB_SecPerTrk
        WriteUInt16LittleEndian(sector[26..], (ushort)(Options.Heads ?? DerivedHeads()));             // BPB_NumHeads
        WriteUInt32LittleEndian(sector[28..], (uint)Options.HiddenSectors);             // BPB_HiddSec
        WriteUInt32LittleEndian(sector[32..], fits16 ? 0 : (uint)Geometry.TotalSectors);              // BPB_TotSec32
        if (Is32)
            WriteFat32Part(sector);
        WriteExtendedPart(sector[extended..]);
        NotBootable.CopyTo(sector[(extended + 26)..]);
        WriteUInt16LittleEndian(sector[510..], 0xAA55);
    }

    private void WriteFat32Part(Span<byte> sector)
    {
        WriteUInt32LittleEndian(sector[36..], (uint)Geometry.FatSectors);               // BPB_FATSz32
        WriteUInt16LittleEndian(sector[40..], 0);                                       // BPB_ExtFlags: both copies are kept
        WriteUInt16LittleEndian(sector[42..], 0);                                       // BPB_FSVer 0.0
        WriteUInt32LittleEndian(sector[44..], 2);                                       // BPB_RootClus
        WriteUInt16LittleEndian(sector[48..], FsInfoSector32);                          // BPB_FSInfo
        WriteUInt16LittleEndian(sector[50..], BackupSector32);                          // BPB_BkBootSec
    }

    private void WriteExtendedPart(Span<byte> part)
    {
        part[0] = 0x80;                                                                 // BS_DrvNum: first hard disk
        part[2] = 0x29;                                                                 // BS_BootSig: the three fields below are there
        WriteUInt32LittleEndian(part[3..], Options.VolumeId);                           // BS_VolID
        FatLabel.WriteTo(part[7..], Options.Label);                                     // BS_VolLab
        (Geometry.Bits switch { 12 => "FAT12   "u8, 16 => "FAT16   "u8, _ => "FAT32   "u8 }).CopyTo(part[18..]);    // BS_FilSysType
    }

    /// <summary>The fewest heads, doubled from 2, that keep the cylinders within 1024; then 255.</summary>
    private int DerivedHeads()
    {
        var heads = 2;
        while (heads < 255 && Geometry.TotalSectors > (long)MaxCylinders * SectorsPerTrack * heads)
            heads *= 2;
        return Math.Min(heads, 255);
    }
}

/// <summary>How much is free, and where to look first: sector 1 of FAT32. FAT specification 1.03, "FSInfo".</summary>
internal readonly record struct FsInfoSector(uint FreeClusters, uint NextFreeCluster)
{
    /// <summary>Fills one whole sector; every byte not named here is zero.</summary>
    public void WriteTo(Span<byte> sector)
    {
        sector.Clear();
        WriteUInt32LittleEndian(sector, 0x41615252);                // FSI_LeadSig
        WriteUInt32LittleEndian(sector[484..], 0x61417272);         // FSI_StrucSig
        WriteUInt32LittleEndian(sector[488..], FreeClusters);       // FSI_Free_Count
        WriteUInt32LittleEndian(sector[492..], NextFreeCluster);    // FSI_Nxt_Free
        WriteUInt32LittleEndian(sector[508..], 0xAA550000);         // FSI_TrailSig
    }
}
