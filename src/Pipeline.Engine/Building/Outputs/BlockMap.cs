using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Building.Outputs;

/// <summary>
/// Writes the block map (bmap 2.0) of a raw image: which 4096-byte blocks hold data, with a SHA-256 a range, so that a
/// flasher writes and verifies only those. Blocks of zeroes are not mapped: it depends on the content, not on the file
/// system that the image was written on.
/// </summary>
internal static class BlockMap
{
    private const int BlockBytes = 4096;
    private const int BufferBytes = 1 << 20;
    private const string ChecksumPlace = "0000000000000000000000000000000000000000000000000000000000000000";

    private sealed record Range(long First, long Last, string Sha256);

    /// <returns>The digest of the map's file.</returns>
    public static Digest Write(string imagePath, string mapPath, CancellationToken ct)
    {
        var length = new FileInfo(imagePath).Length;
        var text = Text(length, Scan(imagePath, ct));
        // The map carries its own digest, taken while the place of that digest holds zeroes.
        var own = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        var bytes = Encoding.UTF8.GetBytes(text.Replace(ChecksumPlace, own, StringComparison.Ordinal));
        File.WriteAllBytes(mapPath, bytes);
        return Digest.Sha256(bytes);
    }

    private static List<Range> Scan(string path, CancellationToken ct)
    {
        var ranges = new List<Range>();
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = File.OpenHandle(path);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        long block = 0, first = -1;
        for (long offset = 0; ;)
        {
            ct.ThrowIfCancellationRequested();
            var count = ReadFull(file, buffer.AsSpan(0, BufferBytes), offset);
            for (var at = 0; at < count; at += BlockBytes, block++)
            {
                var data = buffer.AsSpan(at, Math.Min(BlockBytes, count - at));
                var isZero = !data.ContainsAnyExcept((byte)0);
                if (isZero && first >= 0)
                    ranges.Add(new(first, block - 1, Convert.ToHexStringLower(hash.GetHashAndReset())));
                if (!isZero)
                    hash.AppendData(data);
                first = isZero ? -1 : first < 0 ? block : first;
            }
            offset += count;
            if (count < BufferBytes)
                break;
        }
        ArrayPool<byte>.Shared.Return(buffer);
        if (first >= 0)
            ranges.Add(new(first, block - 1, Convert.ToHexStringLower(hash.GetHashAndReset())));
        return ranges;
    }

    private static int ReadFull(Microsoft.Win32.SafeHandles.SafeFileHandle file, Span<byte> buffer, long offset)
    {
        var total = 0;
        while (total < buffer.Length)
        {
            var count = RandomAccess.Read(file, buffer[total..], offset + total);
            if (count == 0)
                break;
            total += count;
        }
        return total;
    }

    private static string Text(long length, List<Range> ranges)
    {
        var blocks = (length + BlockBytes - 1) / BlockBytes;
        var mapped = ranges.Sum(r => r.Last - r.First + 1);
        var text = new StringBuilder();
        text.Append("<?xml version=\"1.0\" ?>\n<bmap version=\"2.0\">\n");
        text.Append(CultureInfo.InvariantCulture, $"    <ImageSize> {length} </ImageSize>\n    <BlockSize> {BlockBytes} </BlockSize>\n");
        text.Append(CultureInfo.InvariantCulture, $"    <BlocksCount> {blocks} </BlocksCount>\n    <MappedBlocksCount> {mapped} </MappedBlocksCount>\n");
        text.Append(CultureInfo.InvariantCulture, $"    <ChecksumType> sha256 </ChecksumType>\n    <BmapFileChecksum> {ChecksumPlace} </BmapFileChecksum>\n    <BlockMap>\n");
        foreach (var range in ranges)
        {
            var span = range.First == range.Last ? $"{range.First}" : $"{range.First}-{range.Last}";
            text.Append($"        <Range chksum=\"{range.Sha256}\"> {span} </Range>\n");
        }
        return text.Append("    </BlockMap>\n</bmap>\n").ToString();
    }
}
