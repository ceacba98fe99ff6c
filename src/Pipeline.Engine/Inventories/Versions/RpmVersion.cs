namespace Pipeline.Engine.Inventories.Versions;

/// <summary>The order of RPM's versions and releases (rpmvercmp). shared/spec/changelog.md §4.</summary>
public static class RpmVersion
{
    private const char Older = '~';
    private const char Newer = '^';

    /// <summary>
    /// Runs of digits by value, runs of letters by their codes; what stands between them only parts them. <c>~</c> makes a
    /// version older than without it, <c>^</c> newer than where it ends, and older than any other continuation.
    /// </summary>
    /// <returns>-1, 0 or 1. Texts that differ may be equal: <c>2_0</c> and <c>2.0</c>.</returns>
    public static int Compare(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        if (left.SequenceEqual(right))
            return 0;
        while (true)
        {
            left = SkipSeparators(left);
            right = SkipSeparators(right);
            if (Starts(left, Older) || Starts(right, Older))
            {
                if (!Starts(left, Older))
                    return 1;
                if (!Starts(right, Older))
                    return -1;
            }
            else if (Starts(left, Newer) || Starts(right, Newer))
            {
                if (left.IsEmpty || right.IsEmpty)
                    return left.IsEmpty ? -1 : 1;
                if (!Starts(left, Newer) || !Starts(right, Newer))
                    return Starts(left, Newer) ? -1 : 1;
            }
            else
            {
                if (left.IsEmpty || right.IsEmpty)
                    return left.IsEmpty ? (right.IsEmpty ? 0 : -1) : 1;
                if (Segments.TakeAndCompare(ref left, ref right) is var order and not 0)
                    return order;
                continue;
            }
            left = left[1..];
            right = right[1..];
        }
    }

    private static bool Starts(ReadOnlySpan<char> text, char c) => !text.IsEmpty && text[0] == c;

    private static ReadOnlySpan<char> SkipSeparators(ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty && !char.IsAsciiLetterOrDigit(text[0]) && text[0] is not (Older or Newer))
            text = text[1..];
        return text;
    }
}
