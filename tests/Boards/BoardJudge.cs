using System.Buffers.Binary;
using System.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;

namespace Pipeline.Boards;

/// <summary>
/// Compares a finished image with what the documents say of its board: the table as sfdisk reads it, the loaders byte by
/// byte, files on FAT as mtools read them.
/// </summary>
internal static class BoardJudge
{
    /// <summary>What is wrong; empty for an image as the documents want it.</summary>
    public static IReadOnlyList<string> Complaints(string imagePath, BoardManifest board, BoardFacts facts)
    {
        var complaints = new List<string>(PartitionTableJudge.Complaints(imagePath));
        using var image = File.OpenRead(imagePath);
        complaints.AddRange(TableComplaints(PartitionTableJudge.Read(imagePath), facts));
        if (facts.Table == "gpt")
            complaints.AddRange(GptComplaints(image));
        foreach (var place in facts.Places)
            complaints.AddRange(PlaceComplaints(image, place, BoardContainer.Read(board.Platform, place.File)));
        foreach (var (name, file) in facts.FatFiles)
            complaints.AddRange(FatComplaints(imagePath, 512 * facts.Entries[facts.FatPartition].First!.Value, name, BoardContainer.Read(board.Platform, file)));
        return complaints;
    }

    private static IEnumerable<string> TableComplaints(ReadTable table, BoardFacts facts)
    {
        if (table.Label != facts.Table)
            yield return $"the table is {table.Label}, not {facts.Table}";
        if (table.Partitions.Count != facts.Entries.Length)
            yield return $"there are {table.Partitions.Count} partitions, not {facts.Entries.Length}";
        foreach (var ((found, wanted), number) in table.Partitions.Zip(facts.Entries).Select((pair, i) => (pair, i + 1)))
        {
            if (found.FirstLba != (wanted.First ?? found.FirstLba) || found.SectorCount != (wanted.Sectors ?? found.SectorCount))
                yield return $"partition {number} has {found.SectorCount} sectors from {found.FirstLba} on, not {wanted.Sectors} from {wanted.First} on";
            if (found.Type != wanted.Type)
                yield return $"partition {number} has the type {found.Type}, not {wanted.Type}";
            if (found.Flags != wanted.Flags)
                yield return $"partition {number} has the flags '{found.Flags}', not '{wanted.Flags}'";
        }
    }

    /// <summary>UEFI 2.10, table 5.5: what some firmwares and systems rewrite when it is not the usual.</summary>
    private static IEnumerable<string> GptComplaints(FileStream image)
    {
        var header = Bytes(image, 512, 92);
        if (BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(40)) is not 34 and var first)
            yield return $"the first usable sector is {first}, not 34";
        if (BinaryPrimitives.ReadInt64LittleEndian(header.AsSpan(72)) is not 2 and var entries)
            yield return $"the entries begin at sector {entries}, not 2";
    }

    private static IEnumerable<string> PlaceComplaints(FileStream image, Place place, byte[] file)
    {
        var wanted = file.AsSpan(place.From, place.Length ?? file.Length - place.From).ToArray();
        var found = Bytes(image, place.Byte, wanted.Length);
        if (!found.AsSpan().SequenceEqual(wanted))
            yield return $"{place.File} does not lie at byte {place.Byte}: {Convert.ToHexString(found.AsSpan(0, Math.Min(16, found.Length)))}";
        var magic = Convert.FromHexString(place.Magic);
        if (!Bytes(image, place.Byte + place.MagicAt, magic.Length).AsSpan().SequenceEqual(magic))
            yield return $"at byte {place.Byte} + {place.MagicAt} there is no {place.Magic}";
    }

    private static IEnumerable<string> FatComplaints(string imagePath, long offsetBytes, string name, byte[] wanted)
    {
        using var temp = new TempDir();
        var copied = Tool.Run(new ProcessStartInfo("mcopy", ["-n", "-i", $"{imagePath}@@{offsetBytes}", "::/" + name, temp["file"]]));
        if (copied.ExitCode != 0)
            yield return $"{name}: {copied.Output}";
        else if (!File.ReadAllBytes(temp["file"]).AsSpan().SequenceEqual(wanted))
            yield return $"{name} has other content";
    }

    private static byte[] Bytes(FileStream image, long at, int length)
    {
        var bytes = new byte[length];
        image.Position = at;
        image.ReadAtLeast(bytes, length, throwOnEndOfStream: false);
        return bytes;
    }
}
