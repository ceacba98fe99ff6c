using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace Pipeline.Engine.Manifests.Policies;

/// <summary>A version by Semantic Versioning 2.0.0. Build metadata is not kept: it does not take part in the order.</summary>
/// <param name="Prerelease">The identifiers behind the hyphen.</param>
public sealed record SemanticVersion(BigInteger Major, BigInteger Minor, BigInteger Patch, ImmutableArray<string> Prerelease) : IComparable<SemanticVersion>
{
    private const int LimitCharacters = 256;

    public bool IsPrerelease => !Prerelease.IsEmpty;

    /// <summary>The whole form of the specification and nothing else.</summary>
    public static bool TryParse(string text, [NotNullWhen(true)] out SemanticVersion? version) => TryParse(text, 3, out version);

    /// <summary>As tags write it: with a <c>v</c> before it, or with one or two numbers, the others being 0.</summary>
    public static bool TryParseTag(string tag, [NotNullWhen(true)] out SemanticVersion? version) =>
        TryParse(tag.Length > 0 && tag[0] is 'v' or 'V' ? tag[1..] : tag, 1, out version);

    public int CompareTo(SemanticVersion? other)
    {
        if (other is null)
            return 1;
        var core = (Major, Minor, Patch).CompareTo((other.Major, other.Minor, other.Patch));
        return core != 0 ? core : ComparePrerelease(Prerelease, other.Prerelease);
    }

    public bool Equals(SemanticVersion? other) => CompareTo(other) == 0;

    public override int GetHashCode() => HashCode.Combine(Major, Minor, Patch, Prerelease.Length);

    public override string ToString() => $"{Major}.{Minor}.{Patch}{(IsPrerelease ? "-" + string.Join('.', Prerelease) : "")}";

    public static bool operator <(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SemanticVersion left, SemanticVersion right) => left.CompareTo(right) >= 0;

    private static bool TryParse(string text, int leastNumbers, [NotNullWhen(true)] out SemanticVersion? version)
    {
        version = null;
        if (text.Length is 0 or > LimitCharacters)
            return false;
        var plus = text.IndexOf('+', StringComparison.Ordinal);
        if (plus >= 0 && !text[(plus + 1)..].Split('.').All(IsIdentifier))
            return false;
        var plain = plus < 0 ? text : text[..plus];
        var hyphen = plain.IndexOf('-', StringComparison.Ordinal);
        ImmutableArray<string> prerelease = hyphen < 0 ? [] : [.. plain[(hyphen + 1)..].Split('.')];
        var numbers = (hyphen < 0 ? plain : plain[..hyphen]).Split('.');
        if (numbers.Length < leastNumbers || numbers.Length > 3 || !numbers.All(IsNumber) || !prerelease.All(p => IsIdentifier(p) && (!p.All(char.IsAsciiDigit) || IsNumber(p))))
            return false;
        var values = numbers.Select(n => BigInteger.Parse(n, CultureInfo.InvariantCulture)).Concat([0, 0]).ToArray();
        version = new(values[0], values[1], values[2], prerelease);
        return true;
    }

    private static bool IsNumber(string text) => text.Length > 0 && text.All(char.IsAsciiDigit) && (text.Length == 1 || text[0] != '0');

    private static bool IsIdentifier(string text) => text.Length > 0 && text.All(c => char.IsAsciiLetterOrDigit(c) || c == '-');

    /// <summary>§11: a version without is higher; numbers are lower than words; a longer list is higher.</summary>
    private static int ComparePrerelease(ImmutableArray<string> left, ImmutableArray<string> right)
    {
        if (left.IsEmpty || right.IsEmpty)
            return right.Length.CompareTo(left.Length) is 0 ? 0 : left.IsEmpty ? 1 : -1;
        for (var i = 0; i < Math.Min(left.Length, right.Length); i++)
        {
            var (a, b) = (left[i].All(char.IsAsciiDigit), right[i].All(char.IsAsciiDigit));
            var order = a && b ? BigInteger.Parse(left[i], CultureInfo.InvariantCulture).CompareTo(BigInteger.Parse(right[i], CultureInfo.InvariantCulture))
                : a != b ? (a ? -1 : 1)
                : string.CompareOrdinal(left[i], right[i]);
            if (order != 0)
                return order;
        }
        return left.Length.CompareTo(right.Length);
    }
}
