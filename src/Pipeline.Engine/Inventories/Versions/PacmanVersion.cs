namespace Pipeline.Engine.Inventories.Versions;

/// <summary>
/// The order of pacman's versions. Like RPM's of old, with two differences: separators count by their length, and letters
/// at the end make a version older (<c>1.0rc</c> before <c>1.0</c>). <c>~</c> and <c>^</c> are separators like others.
/// </summary>
public static class PacmanVersion
{
    /// <returns>-1, 0 or 1.</returns>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.SequenceEqual(right))
            return 0;
        while (!left.IsEmpty && !right.IsEmpty)
        {
            var (gapLeft, gapRight) = (SkipSeparators(ref left), SkipSeparators(ref right));
            if (left.IsEmpty || right.IsEmpty)
                break;
            if (gapLeft != gapRight)
                return gapLeft < gapRight ? -1 : 1;
            if (Segments.TakeAndCompare(ref left, ref right) is var order and not 0)
                return order;
        }
        if (left.IsEmpty && right.IsEmpty)
            return 0;
        var leftIsOlder = left.IsEmpty ? !char.IsAsciiLetter(right[0]) : char.IsAsciiLetter(left[0]);
        return leftIsOlder ? -1 : 1;
    }

    private static int SkipSeparators(ref ReadOnlySpan<char> text)
    {
        var length = 0;
        while (length < text.Length && !char.IsAsciiLetterOrDigit(text[length]))
            length++;
        text = text[length..];
        return length;
    }
}
