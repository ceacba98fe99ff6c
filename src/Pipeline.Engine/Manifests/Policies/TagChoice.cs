using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;
using System.Text.RegularExpressions;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.Policies;

/// <summary>Which of a repository's tags a policy means. Pure: the same tags give the same answer, in whatever order they come.</summary>
public static class TagChoice
{
    /// <summary>Signatures and attestations of others' tools are never an image.</summary>
    private static readonly string[] Companions = [".sig", ".att", ".sbom"];

    /// <summary>The tags that fit, the one that is meant first.</summary>
    /// <param name="policy">Sound: its range and pattern were judged when the manifest was read.</param>
    public static ImmutableArray<string> Order(FollowPolicy policy, IEnumerable<string> tags)
    {
        var images = tags.Where(t => !Companions.Any(c => t.EndsWith(c, StringComparison.Ordinal))).Distinct(StringComparer.Ordinal);
        var highestFirst = policy.Kind switch
        {
            FollowKind.Tag => images.Where(t => t == policy.Text),
            FollowKind.Semver => ByVersion(images.Select(t => (t, t)), VersionRange.TryParse(policy.Text, out var range, out _) ? range : null),
            _ => ByPattern(policy, images),
        };
        return policy.PickLowest ? [.. highestFirst.Reverse()] : [.. highestFirst];
    }

    /// <summary>Linear in the length of what it reads, whatever the pattern.</summary>
    public static Regex Compile(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);

    private static IEnumerable<string> ByPattern(FollowPolicy policy, IEnumerable<string> tags)
    {
        var pattern = Compile(policy.Text);
        var keyed = tags.Select(t => (Tag: t, Match: pattern.Match(t))).Where(m => m.Match.Success)
            .Select(m => (m.Tag, Key: policy.Extract is { } extract ? m.Match.Result(extract) : m.Tag));
        return policy.Order switch
        {
            TagOrder.Semver => ByVersion(keyed, null),
            TagOrder.Numerical => from k in keyed
                                  let number = Number(k.Key)
                                  where number is not null
                                  orderby number descending, k.Tag.Length descending
                                  select k.Tag,
            _ => keyed.OrderByDescending(k => k.Key, StringComparer.Ordinal).ThenByDescending(k => k.Tag, StringComparer.Ordinal).Select(k => k.Tag),
        };
    }

    /// <summary>Of tags for the same version the longest counts: <c>42.0.0</c> before <c>42</c>.</summary>
    private static IEnumerable<string> ByVersion(IEnumerable<(string Tag, string Key)> keyed, VersionRange? range) =>
        keyed.Select(k => (k.Tag, Version: SemanticVersion.TryParseTag(k.Key, out var version) ? version : null))
            .Where(k => k.Version is not null && range?.Contains(k.Version) != false)
            .OrderByDescending(k => k.Version).ThenByDescending(k => k.Tag.Length).ThenByDescending(k => k.Tag, StringComparer.Ordinal)
            .Select(k => k.Tag);

    /// <summary>Whole numbers and decimals; compared exactly.</summary>
    private static (BigInteger Whole, string Fraction)? Number(string text)
    {
        var dot = text.IndexOf('.', StringComparison.Ordinal);
        var (whole, fraction) = dot < 0 ? (text, "") : (text[..dot], text[(dot + 1)..]);
        return whole.Length is > 0 and <= 100 && whole.All(char.IsAsciiDigit) && fraction.All(char.IsAsciiDigit)
            ? (BigInteger.Parse(whole, CultureInfo.InvariantCulture), fraction.TrimEnd('0').PadRight(1, '0'))
            : null;
    }
}
