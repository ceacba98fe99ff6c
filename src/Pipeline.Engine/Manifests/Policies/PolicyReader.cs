using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Policies;

/// <summary>The keys of an image that say when and from which tag it is built.</summary>
internal sealed partial class PolicyReader(DiagnosticBag bag)
{
    private const int MostWeeks = 52;
    private static readonly string[] DayNames = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private static readonly string[] TimeForms = ["yyyy-MM-dd'T'HH:mm'Z'", "yyyy-MM-dd'T'HH:mm:ss'Z'", "yyyy-MM-dd"];

    public FollowPolicy? ReadFollow(YamlMap tree)
    {
        if (tree.Map("follow") is not { } follow)
            return null;
        var given = follow.Entries.Where(e => e.Key is "tag" or "semver" or "pattern").ToList();
        if (given is not [var what])
        {
            bag.Add(PolicyRules.FollowWhat, follow.Span, given.Count == 0 ? "none of them" : string.Join(" and ", given.Select(e => $"'{e.Key}'")));
            return null;
        }
        CheckSource(tree);
        var kind = what.Key switch { "tag" => FollowKind.Tag, "semver" => FollowKind.Semver, _ => FollowKind.Pattern };
        var text = (what.Value as YamlScalar)?.Text ?? "";
        if (!IsSound(kind, text, what.Value.Span) || !IsOrderSound(kind, text, follow))
            return null;
        var order = follow.Text("order") switch { "numerical" => TagOrder.Numerical, "alphabetical" => TagOrder.Alphabetical, _ => TagOrder.Semver };
        return new(kind, text, follow.Text("extract"), order, follow.Text("pick") == "lowest", follow.Span);
    }

    public TimeSpan? ReadAge(YamlMap tree)
    {
        if (tree.Scalar("minimumAge") is not { } age)
            return null;
        var match = Age().Match(age.Text);
        var hours = match.Success ? int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) * match.Groups[2].Value[0] switch { 'h' => 1, 'd' => 24, _ => 24 * 7 } : 0;
        if (hours is > 0 and <= MostWeeks * 24 * 7)
            return TimeSpan.FromHours(hours);
        bag.Add(PolicyRules.Age, age.Span, Message.Quote(age.Text));
        return null;
    }

    public HoldPolicy? ReadHold(YamlMap tree)
    {
        if (tree.Map("hold") is not { } hold)
            return null;
        if (!hold.Entries.Any())
            bag.Add(PolicyRules.HoldsNothing, hold.Span);
        var policy = new HoldPolicy(ReadUntil(hold.Scalar("until")), [.. hold.Maps("windows").Select(ReadWindow).OfType<HoldWindow>()]);
        if (HoldClock.Until(policy with { Until = null }, DateTimeOffset.UnixEpoch) == DateTimeOffset.MaxValue)
            bag.Add(PolicyRules.NoGap, hold.Span);
        return policy;
    }

    private void CheckSource(YamlMap tree)
    {
        if (tree.Scalar("source") is not { } source || SourceText.Problem(source.Text) is not null)
            return;
        var slash = source.Text.IndexOf('/', StringComparison.Ordinal);
        var problem = slash < 0 || !SourceText.IsHost(source.Text[..slash]) ? "is not in a registry"
            : source.Text.Contains('@') ? "has a digest"
            : source.Text.IndexOf(':', slash) >= 0 ? "has a tag" : null;
        if (problem is not null)
            bag.Add(PolicyRules.FollowNeedsRepository, source.Span, Message.Quote(source.Text), problem);
    }

    private bool IsSound(FollowKind kind, string text, SourceSpan span)
    {
        if (kind == FollowKind.Tag && !Tag().IsMatch(text))
            bag.Add(PolicyRules.FollowOverridden, span, Message.Quote(text));
        else if (kind == FollowKind.Semver && !VersionRange.TryParse(text, out _, out var problem))
            bag.Add(PolicyRules.Range, span, Message.Quote(text), Message.Quote(problem));
        else if (kind == FollowKind.Pattern && PatternProblem(text) is { } wrong)
            bag.Add(PolicyRules.Pattern, span, Message.Quote(text), wrong);
        else
            return true;
        return false;
    }

    private static string? PatternProblem(string text)
    {
        try
        {
            _ = TagChoice.Compile(text);
            return null;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return e is NotSupportedException ? "it looks around or back" : Message.Quote(e.Message.ReplaceLineEndings(" ").TrimEnd('.'));
        }
    }

    private bool IsOrderSound(FollowKind kind, string pattern, YamlMap follow)
    {
        foreach (var entry in follow.Entries.Where(e => kind != FollowKind.Pattern && e.Key is "extract" or "order"))
        {
            bag.Add(PolicyRules.OnlyWithPattern, entry.KeySpan, entry.Key);
            return false;
        }
        if (follow.Scalar("extract") is not { } extract || kind != FollowKind.Pattern)
            return true;
        var groups = TagChoice.Compile(pattern).GetGroupNames();
        if (Group().Matches(extract.Text).Select(m => m.Groups[1].Value + m.Groups[2].Value).All(g => groups.Contains(g, StringComparer.Ordinal)))
            return true;
        bag.Add(PolicyRules.Extract, extract.Span, Message.Quote(extract.Text), string.Join(", ", groups.Select(g => "$" + g)));
        return false;
    }

    private DateTimeOffset? ReadUntil(YamlScalar? until)
    {
        if (until is null)
            return null;
        if (DateTimeOffset.TryParseExact(until.Text, TimeForms, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time))
            return time;
        bag.Add(PolicyRules.Time, until.Span, Message.Quote(until.Text));
        return null;
    }

    private HoldWindow? ReadWindow(YamlMap window)
    {
        var words = window.Scalars("days").Select(d => Array.IndexOf(DayNames, d.Text)).ToList();
        var days = words.Where(d => d >= 0).Select(d => (DayOfWeek)d).ToImmutableArray();
        // The schema says which day is none, or that it is no list; the others alone, or every day, are not what was meant.
        if (days.Length < words.Count || (days.IsEmpty && window.Entries.Any(e => e.Key == "days")))
            return null;
        return ReadTime(window.Scalar("from")) is { } from && ReadTime(window.Scalar("to")) is { } to
            ? new(days.IsEmpty ? [.. Enum.GetValues<DayOfWeek>()] : days, from, to)
            : null;
    }

    private TimeOnly? ReadTime(YamlScalar? time)
    {
        if (time is null)
            return new TimeOnly(0, 0);
        if (TimeOnly.TryParseExact(time.Text, "HH:mm", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read))
            return read;
        bag.Add(PolicyRules.TimeOfDay, time.Span, Message.Quote(time.Text));
        return null;
    }

    [GeneratedRegex(@"\A([1-9][0-9]{0,4})([hdw])\z", RegexOptions.CultureInvariant)]
    private static partial Regex Age();

    [GeneratedRegex(@"\A[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z_][A-Za-z0-9_]*|[0-9]+))", RegexOptions.CultureInvariant)]
    private static partial Regex Group();
}
