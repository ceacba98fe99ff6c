using System.Buffers;
using System.Collections.Immutable;

namespace Pipeline.Engine.Inventories.Versions;

/// <summary>
/// The order of Alpine's versions: <c>digits{.digits}[letter]{_suffix[digits]}[~hash][-rdigits]</c>.
/// shared/spec/changelog.md §4; the commit hash is of apk 3.
/// </summary>
public static class ApkVersion
{
    private enum Kind
    {
        FirstNumber,
        Number,
        Letter,
        Suffix,
        SuffixNumber,
        Hash,
        Release,
        End,
    }

    private readonly record struct Part(Kind Kind, string Text);

    /// <summary>In their order; a version without a suffix stands between the two groups.</summary>
    private static readonly ImmutableArray<string> Suffixes = ["alpha", "beta", "pre", "rc", "", "cvs", "svn", "git", "hg", "p"];

    private static readonly SearchValues<char> HashDigits = SearchValues.Create("0123456789abcdef");

    private static readonly int NoSuffix = Suffixes.IndexOf("");

    /// <returns>-1, 0 or 1; null where one of them is not a version of Alpine's: then nobody knows which is newer.</returns>
    public static int? Compare(string left, string right)
    {
        if (Parse(left) is not { } first || Parse(right) is not { } second)
            return null;
        for (var i = 0; ; i++)
        {
            var (a, b) = (first[i], second[i]);
            if (a.Kind != b.Kind)
                return CompareKinds(a, b);
            if (a.Kind == Kind.End)
                return 0;
            if (CompareParts(a, b) is var order and not 0)
                return order;
        }
    }

    /// <summary>A suffix of a version that is not yet the one without it is older; otherwise the kind that comes first goes on longer.</summary>
    private static int CompareKinds(Part a, Part b)
    {
        if (IsBefore(a))
            return -1;
        if (IsBefore(b))
            return 1;
        return a.Kind > b.Kind ? -1 : 1;
    }

    private static bool IsBefore(Part part) => part.Kind == Kind.Suffix && Suffixes.IndexOf(part.Text) < NoSuffix;

    private static int CompareParts(Part a, Part b) => a.Kind switch
    {
        // With a zero in front it is a fraction: 1.05 comes before 1.1.
        Kind.Number when a.Text[0] == '0' || b.Text[0] == '0' => Math.Sign(string.CompareOrdinal(a.Text, b.Text)),
        Kind.Letter or Kind.Hash => Math.Sign(string.CompareOrdinal(a.Text, b.Text)),
        Kind.Suffix => Math.Sign(Suffixes.IndexOf(a.Text) - Suffixes.IndexOf(b.Text)),
        _ => Segments.CompareNumbers(a.Text, b.Text),
    };

    private static List<Part>? Parse(string text)
    {
        var parts = new List<Part>();
        var rest = text.AsSpan();
        if (!TakeNumber(ref rest, Kind.FirstNumber, parts))
            return null;
        while (TakeSign(ref rest, '.'))
        {
            if (!TakeNumber(ref rest, Kind.Number, parts))
                return null;
        }
        if (!rest.IsEmpty && char.IsAsciiLetterLower(rest[0]))
        {
            parts.Add(new(Kind.Letter, rest[..1].ToString()));
            rest = rest[1..];
        }
        if (!TakeSuffixes(ref rest, parts) || !TakeHash(ref rest, parts) || !TakeRelease(ref rest, parts) || !rest.IsEmpty)
            return null;
        parts.Add(new(Kind.End, ""));
        return parts;
    }

    private static bool TakeSuffixes(ref ReadOnlySpan<char> rest, List<Part> parts)
    {
        while (TakeSign(ref rest, '_'))
        {
            var name = Segments.TakeRun(ref rest, digits: false).ToString();
            if (name.Length == 0 || !Suffixes.Contains(name))
                return false;
            parts.Add(new(Kind.Suffix, name));
            TakeNumber(ref rest, Kind.SuffixNumber, parts);
        }
        return true;
    }

    private static bool TakeHash(ref ReadOnlySpan<char> rest, List<Part> parts)
    {
        if (!TakeSign(ref rest, '~'))
            return true;
        var length = rest.IndexOfAnyExcept(HashDigits);
        var hash = length < 0 ? rest : rest[..length];
        parts.Add(new(Kind.Hash, hash.ToString()));
        rest = rest[hash.Length..];
        return hash.Length > 0;
    }

    private static bool TakeRelease(ref ReadOnlySpan<char> rest, List<Part> parts)
    {
        if (!rest.StartsWith("-r"))
            return true;
        rest = rest[2..];
        return TakeNumber(ref rest, Kind.Release, parts);
    }

    private static bool TakeSign(ref ReadOnlySpan<char> rest, char sign)
    {
        if (rest.IsEmpty || rest[0] != sign)
            return false;
        rest = rest[1..];
        return true;
    }

    private static bool TakeNumber(ref ReadOnlySpan<char> rest, Kind kind, List<Part> parts)
    {
        var digits = Segments.TakeRun(ref rest, digits: true);
        if (digits.IsEmpty)
            return false;
        parts.Add(new(kind, digits.ToString()));
        return true;
    }
}
