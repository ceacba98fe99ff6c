using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;

namespace Pipeline.Engine.Manifests.Policies;

/// <summary>
/// A range of versions as npm's node-semver reads it: comparators joined by spaces, alternatives by <c>||</c>, <c>^</c>,
/// <c>~</c>, <c>x</c>, and <c>a - b</c>. A version with a prerelease is in a range only where the range names a prerelease of the
/// same three numbers.
/// </summary>
public sealed partial class VersionRange
{
    private const int LimitCharacters = 256;
    private readonly ImmutableArray<ImmutableArray<Comparator>> _alternatives;

    private VersionRange(ImmutableArray<ImmutableArray<Comparator>> alternatives) => _alternatives = alternatives;

    private enum Sign
    {
        Less,
        LessOrEqual,
        Equal,
        GreaterOrEqual,
        Greater,
    }

    /// <param name="IsWritten">False for a bound that was made from <c>^</c>, <c>~</c> or <c>x</c>: its prerelease is none that the range names.</param>
    private sealed record Comparator(Sign Sign, SemanticVersion Version, bool IsWritten)
    {
        public bool Holds(SemanticVersion version) => Sign switch
        {
            Sign.Less => version < Version,
            Sign.LessOrEqual => version <= Version,
            Sign.Equal => version.CompareTo(Version) == 0,
            Sign.GreaterOrEqual => version >= Version,
            _ => version > Version,
        };
    }

    /// <summary>A version of which one to three numbers are said; null stands for any.</summary>
    private sealed record Partial(BigInteger? Major, BigInteger? Minor, BigInteger? Patch, ImmutableArray<string> Prerelease)
    {
        public SemanticVersion Low => new(Major ?? 0, Minor ?? 0, Patch ?? 0, Patch is null ? [] : Prerelease);

        /// <summary>The first version behind all that this stands for; only where something is left open.</summary>
        public SemanticVersion Behind => Minor is null ? Next(Major!.Value + 1, 0, 0) : Next(Major!.Value, Minor.Value + 1, 0);
    }

    /// <param name="problem">As a part of a sentence.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out VersionRange? range, out string problem)
    {
        (range, problem) = (null, "it is too long");
        if (text.Length > LimitCharacters)
            return false;
        var alternatives = ImmutableArray.CreateBuilder<ImmutableArray<Comparator>>();
        foreach (var part in text.Split("||"))
        {
            if (ReadAlternative(part.Trim(), out problem) is not { } comparators)
                return false;
            alternatives.Add(comparators);
        }
        range = new(alternatives.ToImmutable());
        return true;
    }

    public bool Contains(SemanticVersion version) => _alternatives.Any(a => a.All(c => c.Holds(version)) && (!version.IsPrerelease || a.Any(c => Names(c, version))));

    private static bool Names(Comparator comparator, SemanticVersion version) =>
        comparator.IsWritten && comparator.Version.IsPrerelease
        && (comparator.Version.Major, comparator.Version.Minor, comparator.Version.Patch) == (version.Major, version.Minor, version.Patch);

    private static ImmutableArray<Comparator>? ReadAlternative(string text, out string problem)
    {
        problem = "";
        if (Hyphen().Match(text) is { Success: true } hyphen)
        {
            if (ReadPartial(hyphen.Groups[1].Value) is { } from && ReadPartial(hyphen.Groups[2].Value) is { } to)
                return [.. Bounds(">=", from).Where(c => c.Version.CompareTo(new(0, 0, 0, [])) != 0), .. Bounds("<=", to)];
            problem = $"'{text}' is not two versions with ' - ' between them";
            return null;
        }
        var comparators = ImmutableArray.CreateBuilder<Comparator>();
        foreach (var word in Space().Replace(text, "$1").Split([' ', ','], StringSplitOptions.RemoveEmptyEntries))
        {
            var match = Word().Match(word);
            if (!match.Success || ReadPartial(match.Groups[2].Value) is not { } partial)
            {
                problem = $"'{word}' is not understood";
                return null;
            }
            comparators.AddRange(Bounds(match.Groups[1].Value, partial));
        }
        // npm lets ">=0.0.0" stand for everything, prereleases of 0.0.0 too.
        comparators.RemoveAll(c => c.Sign == Sign.GreaterOrEqual && c.Version.CompareTo(new(0, 0, 0, [])) == 0);
        return comparators.ToImmutable();
    }

    private static IEnumerable<Comparator> Bounds(string sign, Partial version) => version.Major is null
        // "> any" and "< any" hold for nothing, the others for everything.
        ? sign is ">" or "<" ? [new(Sign.Less, Next(0, 0, 0), false)] : []
        : sign switch
        {
            "^" => [From(version), new(Sign.Less, BehindCaret(version), false)],
            "~" or "~>" => [From(version), new(Sign.Less, version.Minor is null ? version.Behind : Next(version.Major.Value, version.Minor.Value + 1, 0), false)],
            ">=" => [From(version)],
            "<" => [version.Patch is null ? new(Sign.Less, version.Low with { Prerelease = ["0"] }, false) : new(Sign.Less, version.Low, true)],
            ">" => [version.Patch is null ? new(Sign.GreaterOrEqual, version.Behind with { Prerelease = [] }, false) : new(Sign.Greater, version.Low, true)],
            "<=" => [version.Patch is null ? new(Sign.Less, version.Behind, false) : new(Sign.LessOrEqual, version.Low, true)],
            _ => version.Patch is null ? [From(version), new(Sign.Less, version.Behind, false)] : [new(Sign.Equal, version.Low, true)],
        };

    private static Comparator From(Partial version) => new(Sign.GreaterOrEqual, version.Low, true);

    /// <summary>The first number that is not 0 stays.</summary>
    private static SemanticVersion BehindCaret(Partial version) => version switch
    {
        { Major: { IsZero: false } major } => Next(major + 1, 0, 0),
        { Minor: null } => Next(1, 0, 0),
        { Minor: { IsZero: false } minor } => Next(0, minor + 1, 0),
        { Patch: null } => Next(0, 1, 0),
        _ => Next(0, 0, version.Patch!.Value + 1),
    };

    /// <summary>Prereleases of a bound are behind it too: <c>^1.2</c> does not hold 2.0.0-rc.1.</summary>
    private static SemanticVersion Next(BigInteger major, BigInteger minor, BigInteger patch) => new(major, minor, patch, ["0"]);

    private static Partial? ReadPartial(string text)
    {
        var match = PartialVersion().Match(text);
        if (!match.Success)
            return null;
        BigInteger?[] numbers = [.. new[] { "a", "b", "c" }.Select(g => match.Groups[g].Value is { Length: > 0 } n && char.IsAsciiDigit(n[0]) ? BigInteger.Parse(n, CultureInfo.InvariantCulture) : (BigInteger?)null)];
        var minor = numbers[0] is null ? null : numbers[1];
        ImmutableArray<string> prerelease = match.Groups["pre"].Value is { Length: > 0 } pre ? [.. pre.Split('.')] : [];
        return new(numbers[0], minor, minor is null ? null : numbers[2], prerelease);
    }

    [GeneratedRegex(@"\A\s*(\S+)\s+-\s+(\S+)\s*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Hyphen();

    /// <summary>A sign may stand apart from its version.</summary>
    [GeneratedRegex(@"(>=|<=|>|<|=|\^|~>|~)\s+", RegexOptions.CultureInvariant)]
    private static partial Regex Space();

    [GeneratedRegex(@"\A(>=|<=|>|<|=|\^|~>|~)?(.+)\z", RegexOptions.CultureInvariant)]
    private static partial Regex Word();

    [GeneratedRegex(@"\Av?(?<a>0|[1-9][0-9]{0,19}|[xX*])(?:\.(?<b>0|[1-9][0-9]{0,19}|[xX*])(?:\.(?<c>0|[1-9][0-9]{0,19}|[xX*])(?:-(?<pre>(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*)(?:\.(?:0|[1-9][0-9]*|[0-9]*[A-Za-z-][0-9A-Za-z-]*))*))?(?:\+[0-9A-Za-z.-]+)?)?)?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex PartialVersion();
}
