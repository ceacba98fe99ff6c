using System.Collections.Immutable;
using System.Globalization;

namespace Pipeline.Oci.Platforms;

/// <summary>
/// Which images run on a platform, best first: older variants of the same processor. Never another word size: a root
/// file system is not a process, and a 32-bit one under a 64-bit kernel boots to "Exec format error".
/// </summary>
public static class PlatformOrder
{
    private const int NewestArm64MinorOfV8 = 9;

    /// <summary>The asked platform and what may stand in for it; empty for a variant that no processor has (<c>arm64/v7</c>).</summary>
    public static ImmutableArray<Platform> Candidates(Platform asked) =>
        [.. Variants(asked).Select(variant => Platform.Of(asked.Os, asked.Architecture, variant))];

    private static IEnumerable<string> Variants(Platform asked) => (asked.Architecture, asked.Variant) switch
    {
        ("amd64", null) => [""],
        ("amd64", ['v', >= '2' and <= '9' and var level]) => Down(level - '0', 1).Select(v => "v" + v),
        ("amd64", _) => [],
        ("arm", null) => ["v7", "v6", "v5"],
        ("arm", ['v', >= '5' and <= '8' and var level]) => Down(level - '0', 5).Select(v => "v" + v),
        ("arm", _) => [],
        ("arm64", var variant) => Arm64(variant ?? "v8"),
        (_, var variant) => [variant ?? ""],
    };

    private static IEnumerable<string> Arm64(string variant)
    {
        if (!TrySplit(variant, out var major, out var minor))
            return [];
        var v8 = Down(major == 8 ? minor : Math.Min(minor + 5, NewestArm64MinorOfV8), 0).Select(m => Dotted(8, m));
        return major == 8 ? v8 : Down(minor, 0).Select(m => Dotted(9, m)).Concat(v8);
    }

    private static bool TrySplit(string variant, out int major, out int minor)
    {
        (major, minor) = (0, 0);
        if (variant is not ['v', '8' or '9', ..] || variant.Length is not (2 or 4) || (variant.Length == 4 && variant[2] != '.'))
            return false;
        major = variant[1] - '0';
        return variant.Length == 2 || int.TryParse(variant.AsSpan(3), NumberStyles.None, CultureInfo.InvariantCulture, out minor);
    }

    private static string Dotted(int major, int minor) => minor == 0 ? $"v{major}" : $"v{major}.{minor}";

    private static IEnumerable<int> Down(int first, int last) => Enumerable.Range(last, first - last + 1).Reverse();
}
