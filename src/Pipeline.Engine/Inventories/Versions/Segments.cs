namespace Pipeline.Engine.Inventories.Versions;

/// <summary>Runs of digits and of letters, which several orders compare alike.</summary>
internal static class Segments
{
    /// <summary>
    /// Takes one run off both: digits or letters, as the left one begins. Where the right one begins with the other kind,
    /// digits are newer than letters.
    /// </summary>
    /// <param name="left">Begins with an ASCII letter or digit, and so does <paramref name="right"/>.</param>
    public static int TakeAndCompare(ref ReadOnlySpan<char> left, ref ReadOnlySpan<char> right)
    {
        var isNumber = char.IsAsciiDigit(left[0]);
        var first = TakeRun(ref left, isNumber);
        var second = TakeRun(ref right, isNumber);
        if (second.IsEmpty)
            return isNumber ? 1 : -1;
        return isNumber ? CompareNumbers(first, second) : Math.Sign(first.SequenceCompareTo(second));
    }

    /// <summary>By value, however long.</summary>
    public static int CompareNumbers(ReadOnlySpan<char> left, ReadOnlySpan<char> right)
    {
        left = left.TrimStart('0');
        right = right.TrimStart('0');
        return Math.Sign(left.Length != right.Length ? left.Length - right.Length : left.SequenceCompareTo(right));
    }

    public static ReadOnlySpan<char> TakeRun(ref ReadOnlySpan<char> text, bool digits)
    {
        var length = 0;
        while (length < text.Length && (digits ? char.IsAsciiDigit(text[length]) : char.IsAsciiLetter(text[length])))
            length++;
        var run = text[..length];
        text = text[length..];
        return run;
    }
}
