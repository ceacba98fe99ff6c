using System.Text.Json;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>
/// One object of a label's JSON with its path (<c>$.partitions[1].fs</c>). What is wrong goes into the bag; a member that
/// is null is not there, as the label's schema has it.
/// </summary>
internal sealed class LabelObject(JsonElement value, string path, LabelMistakes mistakes)
{
    public string Path => path;

    public string PathOf(string key) => $"{path}.{key}";

    public bool Has(string key) => Find(key) is not null;

    /// <summary>The text of a member that must be there; empty where it is not.</summary>
    public string RequiredText(string key, string expected)
    {
        if (Text(key, expected) is { } text)
            return text;
        if (Find(key) is null)
            mistakes.Add(CarriedRules.Missing, PathOf(key), expected);
        return "";
    }

    public string? Text(string key, string expected) => Typed(key, JsonValueKind.String, expected)?.GetString();

    /// <summary>A whole number in a range; null when it is not there, or wrong.</summary>
    public long? Integer(string key, long least, long most, string expected)
    {
        if (Typed(key, JsonValueKind.Number, expected) is not { } number)
            return null;
        if (number.TryGetInt64(out var found) && found >= least && found <= most)
            return found;
        Wrong(key, number, expected);
        return null;
    }

    public bool Boolean(string key)
    {
        if (Find(key) is not { } member)
            return false;
        if (member.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            Wrong(key, member, "true or false");
        return member.ValueKind == JsonValueKind.True;
    }

    /// <summary>In lower case with dashes; null when it is not there, or wrong.</summary>
    public string? Guid(string key)
    {
        if (Text(key, "a UUID") is not { } text)
            return null;
        if (System.Guid.TryParseExact(text, "D", out var guid) && guid != System.Guid.Empty)
            return guid.ToString("D");
        mistakes.Add(CarriedRules.WrongValue, PathOf(key), $"'{Message.Quote(text)}'", "a UUID of 8-4-4-4-12 hex digits, not all zero");
        return null;
    }

    public LabelObject? Object(string key, string expected) =>
        Typed(key, JsonValueKind.Object, expected) is { } member ? new(member, PathOf(key), mistakes) : null;

    /// <summary>The items of a list; none when it is not there or too long.</summary>
    public IReadOnlyList<(JsonElement Value, string Path)> Items(string key, int most, string expected)
    {
        if (Typed(key, JsonValueKind.Array, expected) is not { } list)
            return [];
        if (list.GetArrayLength() <= most)
            return [.. list.EnumerateArray().Select((item, i) => (item, $"{PathOf(key)}[{i}]"))];
        mistakes.Add(CarriedRules.WrongValue, PathOf(key), $"{list.GetArrayLength()} items", $"at most {most}");
        return [];
    }

    public void OnlyKeys(params ReadOnlySpan<string> known)
    {
        foreach (var member in value.EnumerateObject())
        {
            if (!known.Contains(member.Name))
                mistakes.Add(CarriedRules.UnknownKey, $"'{Message.Quote(member.Name)}' in {path}", string.Join(", ", known.ToArray()));
        }
    }

    private JsonElement? Find(string key) =>
        value.TryGetProperty(key, out var member) && member.ValueKind != JsonValueKind.Null ? member : null;

    private JsonElement? Typed(string key, JsonValueKind kind, string expected)
    {
        if (Find(key) is not { } member)
            return null;
        if (member.ValueKind == kind)
            return member;
        Wrong(key, member, expected);
        return null;
    }

    private void Wrong(string key, JsonElement found, string expected) =>
        mistakes.Add(CarriedRules.WrongValue, PathOf(key), LabelMistakes.Describe(found), expected);
}

/// <summary>The complaints about one label. Who made very many need not see all.</summary>
internal sealed class LabelMistakes(SourceSpan span, DiagnosticBag bag)
{
    private const int Shown = 25;

    public SourceSpan Span => span;

    public DiagnosticBag Bag => bag;

    public void Add(Rule rule, params ReadOnlySpan<object?> arguments)
    {
        if (bag.Count < Shown)
            bag.Add(rule, span, arguments);
    }

    public static string Describe(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "a list",
        JsonValueKind.String => $"'{Message.Quote(value.GetString()!)}'",
        _ => Message.Quote(value.GetRawText()),
    };
}
