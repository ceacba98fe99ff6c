using System.Security.Cryptography;
using Pipeline.Core.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Pouring;

/// <summary>
/// Finds files with the same bytes before any is packed. Only files of the same length are read: those of a system are a
/// tenth of its bytes. Files with holes are equal where their holes are too.
/// </summary>
internal static class DuplicateFinder
{
    private const int ReadBytes = 256 << 10;

    /// <summary>For each file the number of the first file with its bytes, which for most is its own.</summary>
    public static int[] Run(IReadOnlyList<FileContent> files, int parallelism, CancellationToken ct)
    {
        var originals = Enumerable.Range(0, files.Count).ToArray();
        var candidates = originals
            .Where(f => files[f].LengthBytes > 0)
            .GroupBy(f => files[f].LengthBytes)
            .Where(g => g.Skip(1).Any())
            .SelectMany(g => g)
            .Order()                                                // as they lie in their sources
            .ToArray();
        var digests = new UInt128[candidates.Length];
        Threads.Run(parallelism, candidates.Length, () => new byte[ReadBytes], (buffer, i) => digests[i] = DigestOf(files[candidates[i]], buffer), ct);
        var firsts = new Dictionary<(long, UInt128), int>();
        for (var i = 0; i < candidates.Length; i++)
        {
            var key = (files[candidates[i]].LengthBytes, digests[i]);
            if (!firsts.TryAdd(key, candidates[i]))
                originals[candidates[i]] = firsts[key];
        }
        return originals;
    }

    private static UInt128 DigestOf(FileContent content, byte[] buffer)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> place = stackalloc byte[16];
        foreach (var extent in content.Extents)
        {
            WriteInt64LittleEndian(place, extent.FileOffset);
            WriteInt64LittleEndian(place[8..], extent.LengthBytes);
            hash.AppendData(place);
            for (var done = 0L; done < extent.LengthBytes;)
            {
                var piece = buffer.AsSpan(0, (int)Math.Min(buffer.Length, extent.LengthBytes - done));
                content.Source!.ReadExactly(extent.SourceOffset + done, piece);
                hash.AppendData(piece);
                done += piece.Length;
            }
        }
        return ReadUInt128LittleEndian(hash.GetHashAndReset());
    }
}
