using System.Buffers.Binary;

namespace Pipeline.Boards;

/// <summary>
/// In place of loaders that nobody may pass on, or that Debian does not build: as large as the real ones, with the marks
/// that boot ROMs look for, and no two sectors alike.
/// </summary>
internal static class StandIns
{
    private const string UBoot = "/usr/lib/u-boot/";
    private const uint Fdt = 0xd00d_feed;
    private const int RockchipFit = 0x7f8000;
    private const int ImxFit = 0x58000;

    public const string RockchipBin = UBoot + "rock5b-rk3588/u-boot-rockchip.bin";
    public const string AmlogicCard = UBoot + "khadas-vim3/u-boot.bin.sd.bin";
    public const string Flash = UBoot + "imx8mp_debix_model_a/flash.bin";

    /// <summary>Null for what is no stand-in.</summary>
    public static byte[]? Read(string path) => path switch
    {
        RockchipBin => With(Pattern(path, RockchipFit + 1_300_000), (0, 0x524b_4e53), (RockchipFit, Fdt), (RockchipFit + 4, 1_300_000)),
        AmlogicCard => With(Pattern(path, 1_400_000), (512 + 16, 0x4041_4d4c)),
        Flash => With(Pattern(path, 1_950_000), (0, 0xd100_2041), (ImxFit, Fdt), (ImxFit + 4, 1_500_000)),
        // A certificate of DER; the R5 core's memory takes less than 236 KiB.
        _ when path.EndsWith("/tiboot3.bin", StringComparison.Ordinal) => With(Pattern(path, 237_000), (0, 0x3082_0400), (4, 0x3082_0300)),
        _ when path.EndsWith("/tispl.bin", StringComparison.Ordinal) => With(Pattern(path, 1_050_000), (0, Fdt), (4, 1_050_000)),
        _ when path.Contains("/am62x_", StringComparison.Ordinal) => With(Pattern(path, 1_250_000), (0, Fdt), (4, 1_250_000)),
        _ when path.EndsWith("/vmlinuz", StringComparison.Ordinal) => Pattern("kernel", 70_000),
        _ when path.EndsWith(".dtb", StringComparison.Ordinal) => With(Pattern(path, 80_000), (0, Fdt), (4, 80_000)),
        _ => null,
    };

    /// <summary>Bytes that tell their file and their place.</summary>
    public static byte[] Pattern(string name, int length)
    {
        var bytes = new byte[length];
        var state = name.Aggregate(2166136261u, (hash, c) => (hash ^ c) * 16777619u);
        for (var i = 0; i + 4 <= length; i += 4)
        {
            state = state * 1664525 + 1013904223;
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(i), state);
        }
        return bytes;
    }

    private static byte[] With(byte[] bytes, params (int At, uint Word)[] words)
    {
        foreach (var (at, word) in words)
            BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(at), word);
        return bytes;
    }
}
