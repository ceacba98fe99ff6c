using System.Security.Cryptography;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>Holds an image to its block map while it is read from its beginning to its end.</summary>
internal sealed class RangeCheck(BlockMapFile map, string shown) : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(map.Algorithm);
    private int _index;

    /// <summary>Takes the image's bytes in order; what no range maps may be left out.</summary>
    /// <exception cref="FlashException">A range that ends here has another checksum.</exception>
    public void Accept(long offsetBytes, ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty && _index < map.Ranges.Length)
        {
            var range = map.Ranges[_index];
            var gap = Math.Max(0, range.FirstByte - offsetBytes);
            if (gap >= data.Length)
                return;
            var part = data[(int)gap..];
            part = part[..(int)Math.Min(part.Length, range.EndByte - offsetBytes - gap)];
            _hash.AppendData(part);
            offsetBytes += gap + part.Length;
            data = data[((int)gap + part.Length)..];
            if (offsetBytes < range.EndByte)
                return;
            if (Convert.ToHexStringLower(_hash.GetHashAndReset()) != range.Hash)
                throw new FlashException(FlashRules.ImageDiffersFromMap, shown, range.FirstByte, range.EndByte);
            _index++;
        }
    }

    public void Dispose() => _hash.Dispose();
}
