namespace Pipeline.Disk.Ext4.Records;

/// <summary>A bitmap of one group: bit n of byte n / 8, the lowest first; a set bit is in use.</summary>
internal static class Bitmap
{
    public static void Set(Span<byte> bitmap, int first, int count)
    {
        var end = first + count;
        while (first < end && first % 8 != 0)
            bitmap[first / 8] |= (byte)(1 << (first++ % 8));
        var bytes = (end - first) / 8;
        if (bytes > 0)
            bitmap.Slice(first / 8, bytes).Fill(0xFF);
        for (first += Math.Max(0, bytes) * 8; first < end; first++)
            bitmap[first / 8] |= (byte)(1 << (first % 8));
    }
}
