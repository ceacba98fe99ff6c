using Pipeline.Core.Hashing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Loaders;

/// <summary>
/// Says whether a file begins as a boot ROM wants it, and whether its own checksum is right where it has one. What lies
/// behind the header is not judged. Formats from U-Boot's tools (sunxi_egon.c, rkcommon.c, imximage.c, omapimage.c,
/// sfspl.c) and the reference manuals that those name.
/// </summary>
public static class LoaderHeader
{
    /// <summary>As much of a file as a checksum may cover; no boot ROM loads more.</summary>
    public const int MostBytes = 2 << 20;

    private const int SectorBytes = 512;
    private const uint EgonStamp = 0x5F0A6C39;
    private const int Jh7110HeaderBytes = 1024;

    /// <summary>What is wrong, or null. Reads from the position of the stream.</summary>
    /// <exception cref="IOException">The stream could not be read.</exception>
    public static string? Problem(LoaderKind kind, Stream content, long lengthBytes)
    {
        var head = new byte[Math.Min(lengthBytes, MostBytes)];
        content.ReadExactly(head);
        return Problem(kind, head, lengthBytes);
    }

    /// <param name="head">All of the file, or its first <see cref="MostBytes"/>.</param>
    public static string? Problem(LoaderKind kind, ReadOnlySpan<byte> head, long lengthBytes)
    {
        if (head.Length < SectorBytes)
            return $"it has {lengthBytes} bytes, a loader has more";
        return kind switch
        {
            LoaderKind.SunxiEgon => Egon(head),
            LoaderKind.RockchipIdb => head.StartsWith((ReadOnlySpan<byte>)[0x3B, 0x8C, 0xDC, 0xFC, 0xBE, 0x9F, 0x9D, 0x51]) || head.StartsWith("RKNS"u8) ? null : Begins(head, "an ID block or RKNS"),
            LoaderKind.ImxIvt => head[0] == 0xD1 && ReadUInt16BigEndian(head[1..]) == 32 && head[3] >> 4 == 4 ? null : Begins(head, "D1 00 20 4x"),
            LoaderKind.ImxContainer => head[0] is 0 or 2 && head[3] == 0x87 && ReadUInt16LittleEndian(head[1..]) is >= 16 and <= 8192 ? null : Begins(head, "a container header with the tag 87"),
            LoaderKind.Mlo => Mlo(head, lengthBytes),
            LoaderKind.TiX509 => X509(head, lengthBytes),
            LoaderKind.Amlogic => head[16..].StartsWith("@AML"u8) || head.Length >= SectorBytes + 20 && head[(SectorBytes + 16)..].StartsWith("@AML"u8) ? null : "it has no mark @AML at byte 16 or 528",
            LoaderKind.Jh7110Spl => Jh7110(head),
            _ => ReadUInt32BigEndian(head) != 0xD00D_FEED ? Begins(head, "D0 0D FE ED")
                : ReadUInt32BigEndian(head[4..]) > lengthBytes ? Short("image tree", ReadUInt32BigEndian(head[4..]), lengthBytes) : null,
        };
    }

    /// <summary>Magic at 4, checksum at 12, length at 16; the sum of all words, with a stamp in place of the checksum.</summary>
    private static string? Egon(ReadOnlySpan<byte> head)
    {
        if (!head[4..].StartsWith("eGON.BT0"u8))
            return "it has no mark eGON.BT0 at byte 4";
        var length = ReadUInt32LittleEndian(head[16..]);
        if (length % 4 != 0 || length < SectorBytes || length > head.Length)
            return Short("SPL", length, head.Length);
        var stated = ReadUInt32LittleEndian(head[12..]);
        var sum = unchecked(EgonStamp - stated);
        for (var i = 0; i < length; i += 4)
            sum += ReadUInt32LittleEndian(head[i..]);
        return sum == stated ? null : Checksum(stated, sum);
    }

    /// <summary>A table of contents with CHSETTINGS, then at 512 the size and the load address.</summary>
    private static string? Mlo(ReadOnlySpan<byte> head, long lengthBytes)
    {
        if (!head[20..].StartsWith("CHSETTINGS"u8) || head.Length < SectorBytes + 8)
            return "it has no CHSETTINGS at byte 20 (the file for FAT may lack it, the one for raw slots not)";
        var size = ReadUInt32LittleEndian(head[SectorBytes..]);
        return size == 0 || size > lengthBytes - SectorBytes ? Short("image", size, lengthBytes - SectorBytes) : null;
    }

    private static string? X509(ReadOnlySpan<byte> head, long lengthBytes)
    {
        if (head[0] != 0x30 || head[1] != 0x82 || head[4] != 0x30)
            return Begins(head, "a certificate (30 82)");
        var length = ReadUInt16BigEndian(head[2..]) + 4;
        return length >= lengthBytes ? Short("certificate and what it signs", length, lengthBytes) : null;
    }

    /// <summary>Version at 644, length at 648, length of the header at 652, CRC-32 of what follows at 656.</summary>
    private static string? Jh7110(ReadOnlySpan<byte> head)
    {
        if (head.Length < Jh7110HeaderBytes || ReadUInt32LittleEndian(head[644..]) != 0x0101_0101)
            return "it has no version 01010101 at byte 644 (u-boot-spl.bin needs spl_tool or mkimage, which make u-boot-spl.bin.normal.out)";
        var (length, headerBytes) = (ReadUInt32LittleEndian(head[648..]), ReadUInt32LittleEndian(head[652..]));
        if (headerBytes < 660 || (long)length + headerBytes > head.Length)
            return Short("SPL", (long)length + headerBytes, head.Length);
        var (stated, found) = (ReadUInt32LittleEndian(head[656..]), Crc32.Hash(head.Slice((int)headerBytes, (int)length)));
        return stated == found ? null : Checksum(stated, found);
    }

    private static string Begins(ReadOnlySpan<byte> head, string wanted) => $"it begins with {Convert.ToHexString(head[..4])}, expected {wanted}";

    private static string Short(string what, long wanted, long found) => $"its header says that the {what} has {wanted} bytes, of {found}";

    private static string Checksum(uint stated, uint found) => $"its checksum is {stated:x8}, its bytes have {found:x8}";
}
