using System.Security.Cryptography;
using Pipeline.Core.Reporting;
using Pipeline.Disk.Gpt;
using Pipeline.Engine.Flashing.Devices;

namespace Pipeline.Engine.Flashing;

/// <summary>Writes pieces to a disk, remembers what they are, and reads them back.</summary>
internal sealed class DiskWriter(TargetDisk disk, bool resumes)
{
    /// <summary>A GPT keeps at least as much at the end of a disk.</summary>
    private const int BackupEntriesBytes = GptTable.ReservedEntryBytes;

    private readonly List<(long OffsetBytes, int Count, byte[] Sha256)> _written = [];

    public long WrittenBytes { get; private set; }

    public long EqualBytes { get; private set; }

    public long VerifiedBytes { get; private set; }

    /// <summary>
    /// Takes away the tables that the disk has, so that nothing starts from a disk that is half-written: its beginning, and
    /// a backup GPT at its end, from which systems restore.
    /// </summary>
    public void WipeTables(int headBytes)
    {
        disk.Write(0, new byte[Math.Min(headBytes, disk.LengthBytes)]);
        foreach (var sectorBytes in new[] { 512, 4096 })
        {
            var header = (disk.LengthBytes / sectorBytes - 1) * sectorBytes;
            if (header > BackupEntriesBytes && disk.Read(header, 8).SequenceEqual("EFI PART"u8))
                disk.Write(header - BackupEntriesBytes, new byte[BackupEntriesBytes + sectorBytes]);
        }
        disk.Flush();
    }

    public void Write(long offsetBytes, ReadOnlySpan<byte> data)
    {
        _written.Add((offsetBytes, data.Length, SHA256.HashData(data)));
        // Zeroes that are there need not be written: reading is faster, and spares the card. Whether they are is asked of the medium.
        if ((resumes || !data.ContainsAnyExcept((byte)0)) && disk.Read(offsetBytes, data.Length).SequenceEqual(data))
        {
            EqualBytes += data.Length;
            return;
        }
        disk.Write(offsetBytes, data);
        WrittenBytes += data.Length;
    }

    /// <summary>Reads back what was written since the last call, from the medium.</summary>
    /// <returns>The pieces that differ, and how many there are in all.</returns>
    public (List<(long First, long End)> Wrong, int Count) Verify(IActivity activity, CancellationToken ct)
    {
        disk.DropCache();
        var wrong = new List<(long, long)>();
        foreach (var (offset, count, expected) in _written)
        {
            ct.ThrowIfCancellationRequested();
            var data = disk.Read(offset, count);
            if (data.Length == count && CryptographicOperations.FixedTimeEquals(SHA256.HashData(data), expected))
                VerifiedBytes += count;
            else
                wrong.Add((offset, offset + count));
            activity.Advance(count);
        }
        var total = _written.Count;
        _written.Clear();
        return (wrong, total);
    }

    public long UnverifiedBytes => _written.Sum(w => (long)w.Count);
}
