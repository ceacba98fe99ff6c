namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// Kernel versions in the order of age: runs of digits compare as numbers, all else byte by byte. A release candidate
/// (<c>-rc1</c>, and <c>~rc1</c> as packages write it) is older than its release.
/// </summary>
internal sealed class VersionOrder : IComparer<string>
{
    /// <summary>Sorts before everything, the end included.</summary>
    private const char Before = '~';

    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var a = Normal(x).AsSpan();
        var b = Normal(y).AsSpan();
        while (!a.IsEmpty && !b.IsEmpty)
        {
            if (a[0] == Before != (b[0] == Before))
                return a[0] == Before ? -1 : 1;
            var (runA, runB) = (Run(a), Run(b));
            var order = char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0])
                ? CompareNumbers(a[..runA], b[..runB])
                : a[..runA].CompareTo(b[..runB], StringComparison.Ordinal);
            if (order != 0)
                return order;
            a = a[runA..];
            b = b[runB..];
        }
        return a.StartsWith([Before]) ? -1 : b.StartsWith([Before]) ? 1 : a.Length - b.Length;
    }

    private static string Normal(string? version) => (version ?? "").Replace("-rc", "~rc", StringComparison.Ordinal);

    private static int Run(ReadOnlySpan<char> text)
    {
        var digits = char.IsAsciiDigit(text[0]);
        var length = 1;
        while (length < text.Length && char.IsAsciiDigit(text[length]) == digits && text[length] != Before)
            length++;
        return length;
    }

    private static int CompareNumbers(ReadOnlySpan<char> a, ReadOnlySpan<char> b)
    {
        a = a.TrimStart('0');
        b = b.TrimStart('0');
        return a.Length != b.Length ? a.Length - b.Length : a.CompareTo(b, StringComparison.Ordinal);
    }
}
