using Pipeline.Core.Blocks;

namespace Pipeline.Engine.Inspecting.Contents;

/// <summary>Bootloaders by the marks that boot ROMs look for at fixed places of a medium.</summary>
internal static class LoaderSignatures
{
    private const int KiB = 1 << 10;
    private const int HeadBytes = 32;

    /// <summary>What the ROMs of families read, in bytes of the medium.</summary>
    private static readonly (long OffsetBytes, string Name, Func<byte[], bool> Matches)[] AtPlaces =
    [
        (512, "Amlogic boot image", h => h.AsSpan(16).StartsWith("@AML"u8)),
        (1 * KiB, "i.MX image (IVT)", IsImxVector),
        (8 * KiB, "Allwinner SPL (eGON.BT0)", IsAllwinner),
        (128 * KiB, "Allwinner SPL (eGON.BT0)", IsAllwinner),
        (32 * KiB, "Rockchip loader (idblock)", IsRockchip),
        (32 * KiB, "i.MX image (IVT)", IsImxVector),
        (33 * KiB, "i.MX image (IVT)", IsImxVector),
        (32 * KiB, "i.MX image (container)", IsImxContainer),
    ];

    /// <summary>What was recognised in a region, with its place; null for nothing.</summary>
    public static string? Describe(ImageReader reader, Region region)
    {
        var names = new List<string>();
        if (region.OffsetBytes == 0)
            names.Add("boot code");
        foreach (var (offset, name, matches) in AtPlaces)
        {
            if (offset >= region.OffsetBytes && offset < region.EndBytes && reader.Read(offset, HeadBytes) is { } head && matches(head))
                names.Add($"{name} at {offset}");
        }
        if (reader.Read(region.OffsetBytes, HeadBytes) is { } start && StartsWithImage(start) is { } image)
            names.Add(image);
        return names.Count == 0 ? null : string.Join(", ", names);
    }

    private static string? StartsWithImage(ReadOnlySpan<byte> head) =>
        head.StartsWith((ReadOnlySpan<byte>)[0xD0, 0x0D, 0xFE, 0xED]) ? "FIT image or device tree"
        : head.StartsWith((ReadOnlySpan<byte>)[0x27, 0x05, 0x19, 0x56]) ? "U-Boot image" : null;

    private static bool IsAllwinner(byte[] head) => head.AsSpan(4).StartsWith("eGON.BT0"u8);

    /// <summary>The header of older chips is always the same bytes, scrambled with RC4; newer ones say RKNS.</summary>
    private static bool IsRockchip(byte[] head) =>
        head.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x3B, 0x8C, 0xDC, 0xFC, 0xBE, 0x9F, 0x9D, 0x51]) || head.AsSpan().StartsWith("RKNS"u8);

    /// <summary>Image vector table: tag D1, length 32 big-endian, version 4x.</summary>
    private static bool IsImxVector(byte[] head) => head[0] == 0xD1 && head[1] == 0 && head[2] == 0x20 && head[3] >> 4 == 4;

    /// <summary>Container of i.MX8X and later: version, length little-endian, tag 87.</summary>
    private static bool IsImxContainer(byte[] head) => head[0] is 0 or 2 && head[3] == 0x87 && (head[1] | head[2] << 8) is >= 16 and <= 8192;
}
