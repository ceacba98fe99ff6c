using Pipeline.Disk.Gpt;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>The first bytes of an image, and what they say of it. They are written last, so that a disk that starts is whole.</summary>
/// <param name="Bytes">At least the first mebibyte, or the whole of a smaller image.</param>
/// <param name="Gpt">Null with an MBR, and where the entries lie too far for <paramref name="Bytes"/>.</param>
/// <param name="SectorBytes">What the table counts in; null with an MBR, which does not say.</param>
/// <param name="LeastBytes">How long the disk must be at least.</param>
/// <param name="FarEntriesEnd">Where the entries of a GPT end that was not looked at; else null.</param>
internal sealed record ImageHead(byte[] Bytes, GptStart? Gpt, int? SectorBytes, long LeastBytes, long? FarEntriesEnd)
{
    public const int UsualBytes = 1 << 20;

    /// <summary>Entries that lie further on (behind a bootloader) are not moved.</summary>
    public const int LimitBytes = 32 << 20;

    private const int MbrSectorBytes = 512;
    private const int FirstMbrEntry = 446;

    public string TableName => SectorBytes is null ? "MBR" : "GPT";

    /// <param name="content">The unpacked image, at its beginning; read as far as <see cref="Bytes"/> reach.</param>
    /// <exception cref="FlashException">It is not a disk image.</exception>
    public static ImageHead Read(Stream content, string shown)
    {
        var bytes = ReadMore([], content, UsualBytes);
        if (bytes.Length < MbrSectorBytes)
            throw new FlashException(FlashRules.NotADiskImage, shown, $"it has {bytes.Length} bytes");
        var partitionsEnd = MbrEnd(bytes);
        if (GptStart.FindSectorBytes(bytes) is not { } sectorBytes)
        {
            return partitionsEnd is { } end
                ? new(bytes, null, null, end, null)
                : throw new FlashException(FlashRules.NotADiskImage, shown, "it has neither a GPT nor an MBR");
        }
        var needed = GptStart.NeededBytes(bytes, sectorBytes);
        if (needed > LimitBytes)
            return new(bytes, null, sectorBytes, needed.Value, needed);
        if (needed > bytes.Length)
            bytes = ReadMore(bytes, content, (int)needed.Value);
        if (GptStart.Read(bytes, sectorBytes, out var problem) is { } gpt)
            return new(bytes, gpt, sectorBytes, gpt.DiskBytes, null);
        // Images of CDs may carry a GPT that nobody minds beside an MBR that counts.
        return partitionsEnd is { } mbrEnd && !IsOnlyProtective(bytes)
            ? new(bytes, null, null, mbrEnd, null)
            : throw new FlashException(FlashRules.DamagedGpt, shown, problem);
    }

    private static byte[] ReadMore(byte[] start, Stream content, int length)
    {
        var bytes = new byte[length];
        start.CopyTo(bytes, 0);
        var count = content.ReadAtLeast(bytes.AsSpan(start.Length), length - start.Length, throwOnEndOfStream: false);
        return start.Length + count == length ? bytes : bytes[..(start.Length + count)];
    }

    private static bool IsOnlyProtective(byte[] bytes) => Enumerable.Range(0, 4).All(i => bytes[FirstMbrEntry + 16 * i + 4] is 0 or 0xEE);

    /// <summary>Where the last partition of an MBR ends; null where there is no MBR. The sectors of an MBR are taken for 512 bytes.</summary>
    private static long? MbrEnd(byte[] bytes)
    {
        if (bytes[510] != 0x55 || bytes[511] != 0xAA)
            return null;
        long? end = null;
        for (var at = FirstMbrEntry; at < 510; at += 16)
        {
            var entry = bytes.AsSpan(at, 16);
            if ((entry[0] & 0x7F) != 0)
                return null;
            var sectors = ReadUInt32LittleEndian(entry[12..]);
            if (entry[4] != 0 && sectors > 0)
                end = Math.Max(end ?? 0, ((long)ReadUInt32LittleEndian(entry[8..]) + sectors) * MbrSectorBytes);
        }
        return end;
    }
}
