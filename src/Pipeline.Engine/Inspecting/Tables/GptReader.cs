using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Inspecting.Tables;

/// <summary>One copy of a GPT whose checksums are right.</summary>
internal sealed record GptCopy(
    int SectorBytes, long HeaderLba, long OtherLba, Guid DiskGuid, long FirstUsableLba, long LastUsableLba, long EntriesLba, int EntryBytes, byte[] Entries);

/// <summary>Finds a GPT with sectors of 512 or 4096 bytes, and compares its two copies. UEFI 2.10 §5.3.</summary>
internal static class GptReader
{
    private const int HeaderBytes = 92;
    private const int MinEntryBytes = 128;
    private const int MaxEntryBytes = 4096;
    private const int MaxEntriesBytes = 4 << 20;
    private const long MaxLba = 1L << 50;

    public static FoundTable? Read(ImageReader reader, DiagnosticBag bag)
    {
        foreach (var sectorBytes in new[] { 512, 4096 })
        {
            var lastLba = reader.LengthBytes / sectorBytes - 1;
            var primary = ReadCopy(reader, sectorBytes, 1, out var primaryProblem);
            var backupLba = primary?.OtherLba ?? lastLba;
            var backup = ReadCopy(reader, sectorBytes, backupLba, out var backupProblem);
            if (!HasSignature(reader, sectorBytes) && !HasSignature(reader, lastLba * sectorBytes))
                continue;
            if (primary is null && backup is null)
            {
                bag.Add(InspectRules.NoGpt, null, primaryProblem, backupProblem);
                return null;
            }
            if (backupLba != lastLba)
                bag.Add(InspectRules.BackupNotAtEnd, null, backupLba, lastLba);
            if (primary is null)
                bag.Add(InspectRules.PrimaryGpt, null, primaryProblem);
            else if (backup is null)
                bag.Add(InspectRules.BackupGpt, null, backupProblem);
            else if (Difference(primary, backup) is { } difference)
                bag.Add(InspectRules.GptCopiesDiffer, null, difference);
            CheckMbr(reader, bag);
            return ToTable(primary ?? backup!, primary is null ? null : backup);
        }
        return null;
    }

    private static bool HasSignature(ImageReader reader, long offsetBytes) =>
        reader.Read(offsetBytes, 8)?.AsSpan().SequenceEqual("EFI PART"u8) == true;

    private static GptCopy? ReadCopy(ImageReader reader, int sectorBytes, long lba, out string problem)
    {
        problem = "its header lies outside of the file";
        if (lba is < 1 or > MaxLba || reader.Read(lba * sectorBytes, sectorBytes) is not { } sector)
            return null;
        var size = ReadInt32LittleEndian(sector.AsSpan(12));
        var entriesLba = ReadInt64LittleEndian(sector.AsSpan(72));
        var entryBytes = ReadInt32LittleEndian(sector.AsSpan(84));
        problem = HeaderProblem(sector, size, lba, entriesLba, entryBytes);
        if (problem.Length > 0)
            return null;
        var count = ReadInt32LittleEndian(sector.AsSpan(80));
        problem = "its entries lie outside of the file";
        if (reader.Read(entriesLba * sectorBytes, count * entryBytes) is not { } entries)
            return null;
        problem = "the checksum of its entries is wrong";
        if (Crc32.Hash(entries) != ReadUInt32LittleEndian(sector.AsSpan(88)))
            return null;
        problem = "";
        return new(sectorBytes, lba, ReadInt64LittleEndian(sector.AsSpan(32)), new Guid(sector.AsSpan(56, 16)), ReadInt64LittleEndian(sector.AsSpan(40)),
            ReadInt64LittleEndian(sector.AsSpan(48)), entriesLba, entryBytes, entries);
    }

    private static string HeaderProblem(byte[] sector, int size, long lba, long entriesLba, int entryBytes)
    {
        if (!sector.AsSpan().StartsWith("EFI PART"u8))
            return "it has no signature";
        if (size < HeaderBytes || size > sector.Length)
            return $"its header has {size} bytes";
        var covered = sector[..size];
        covered.AsSpan(16, 4).Clear();
        if (Crc32.Hash(covered) != ReadUInt32LittleEndian(sector.AsSpan(16)))
            return "the checksum of its header is wrong";
        if (ReadInt64LittleEndian(sector.AsSpan(24)) != lba)
            return $"it lies at sector {lba} and says {ReadInt64LittleEndian(sector.AsSpan(24))}";
        var count = ReadInt32LittleEndian(sector.AsSpan(80));
        if (entryBytes is < MinEntryBytes or > MaxEntryBytes || count < 1 || (long)count * entryBytes > MaxEntriesBytes || entriesLba is < 2 or > MaxLba)
            return $"it has {count} entries of {entryBytes} bytes at sector {entriesLba}";
        return "";
    }

    private static string? Difference(GptCopy primary, GptCopy backup)
    {
        if (primary.DiskGuid != backup.DiskGuid)
            return "the disk's identifier";
        if ((primary.FirstUsableLba, primary.LastUsableLba) != (backup.FirstUsableLba, backup.LastUsableLba))
            return "the usable sectors";
        return primary.Entries.AsSpan().SequenceEqual(backup.Entries) ? null : "their entries";
    }

    private static void CheckMbr(ImageReader reader, DiagnosticBag bag)
    {
        var types = MbrReader.ReadTypes(reader);
        if (!types.Contains((byte)0xEE))
            bag.Add(InspectRules.ProtectiveMbr, null);
        else if (types.Any(t => t is not (0 or 0xEE)))
            bag.Add(InspectRules.HybridMbr, null);
    }

    private static FoundTable ToTable(GptCopy copy, GptCopy? backup)
    {
        var count = copy.Entries.Length / copy.EntryBytes;
        var entries = ImmutableArray.CreateBuilder<FoundEntry>();
        for (var i = 0; i < count; i++)
        {
            var entry = copy.Entries.AsSpan(i * copy.EntryBytes, MinEntryBytes);
            if (entry[..16].ContainsAnyExcept((byte)0))
                entries.Add(ToEntry(i + 1, entry));
        }
        var map = new TableMap("gpt", copy.DiskGuid.ToString(), copy.SectorBytes, count, copy.EntriesLba, copy.FirstUsableLba, copy.LastUsableLba,
            [new(MbrReader.FirstByte, 512 - MbrReader.FirstByte, "mbr"), .. Regions(copy), .. backup is null ? [] : Regions(backup)]);
        return new(map, entries.ToImmutable());
    }

    private static FoundEntry ToEntry(int number, ReadOnlySpan<byte> entry)
    {
        var type = new Guid(entry[..16]);
        var name = Encoding.Unicode.GetString(entry.Slice(56, 72));
        var end = name.IndexOf('\0', StringComparison.Ordinal);
        return new(number, end < 0 ? name : name[..end], ReadUInt64LittleEndian(entry[32..]), ReadUInt64LittleEndian(entry[40..]),
            type.ToString(), PartitionTypes.NameOf(type), new Guid(entry.Slice(16, 16)).ToString(), Flags(ReadUInt64LittleEndian(entry[48..])));
    }

    private static ImmutableArray<string> Flags(ulong attributes) =>
    [
        .. from bit in Enumerable.Range(0, 64)
           where (attributes >> bit & 1) != 0
           select bit switch
           {
               0 => "required",
               1 => "no block i/o",
               2 => "legacy bootable",
               59 => "bit 59 (grow)",
               60 => "bit 60 (read-only)",
               63 => "bit 63 (no automount)",
               _ => "bit " + bit.ToString(CultureInfo.InvariantCulture),
           },
    ];

    private static IEnumerable<TableRegionMap> Regions(GptCopy copy)
    {
        var sectors = (copy.Entries.Length + copy.SectorBytes - 1) / copy.SectorBytes;
        yield return new(copy.HeaderLba * copy.SectorBytes, copy.SectorBytes, copy.HeaderLba == 1 ? "gpt header" : "backup gpt header");
        yield return new(copy.EntriesLba * copy.SectorBytes, (long)sectors * copy.SectorBytes, copy.HeaderLba == 1 ? "gpt entries" : "backup gpt entries");
    }
}
