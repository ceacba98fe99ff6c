namespace Pipeline.Engine.Building.Boot;

/// <summary>Kernel versions in the order of age: runs of digits compare as numbers, all else byte by byte.</summary>
internal sealed class VersionOrder : IComparer<string>
{
    public static VersionOrder Instance { get; } = new();

    public int Compare(string? x, string? y)
    {
        var a = (x ?? "").AsSpan();
        var b = (y ?? "").AsSpan();
        while (!a.IsEmpty && !b.IsEmpty)
        {
            var (runA, runB) = (Run(a), Run(b));
            var order = char.IsAsciiDigit(a[0]) && char.IsAsciiDigit(b[0])
                ? CompareNumbers(a[..runA], b[..runB])
                : a[..runA].CompareTo(b[..runB], StringComparison.Ordinal);
            if (order != 0)
                return order;
            a = a[runA..];
            b = b[runB..];
        }
        return a.Length - b.Length;
    }

    private static int Run(ReadOnlySpan<char> text)
    {
        var digits = char.IsAsciiDigit(text[0]);
        var length = 1;
        while (length < text.Length && char.IsAsciiDigit(text[length]) == digits)
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
