namespace Pipeline.Engine.Inventories.Versions;

/// <summary>The order of Debian's upstream versions and of its revisions, deb-version(7).</summary>
public static class DpkgVersion
{
    private const int BehindLetters = 256;

    /// <summary>
    /// Stretches without digits character by character (<c>~</c> before the end, the end before letters, letters before all
    /// else), and numbers by value, in turn.
    /// </summary>
    /// <returns>-1, 0 or 1. Texts that differ may be equal: <c>1.0</c> and <c>1.00</c>.</returns>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        while (!left.IsEmpty || !right.IsEmpty)
        {
            while (HasNoDigitFirst(left) || HasNoDigitFirst(right))
            {
                var (first, second) = (Weight(left), Weight(right));
                if (first != second)
                    return first < second ? -1 : 1;
                left = left[1..];
                right = right[1..];
            }
            var numberLeft = Segments.TakeRun(ref left, digits: true);
            var numberRight = Segments.TakeRun(ref right, digits: true);
            if (Segments.CompareNumbers(numberLeft, numberRight) is var order and not 0)
                return order;
        }
        return 0;
    }

    private static bool HasNoDigitFirst(ReadOnlySpan<char> text) => !text.IsEmpty && !char.IsAsciiDigit(text[0]);

    private static int Weight(ReadOnlySpan<char> text) =>
        text.IsEmpty || char.IsAsciiDigit(text[0]) ? 0
        : text[0] == '~' ? -1
        : char.IsAsciiLetter(text[0]) ? text[0]
        : text[0] + BehindLetters;
}
