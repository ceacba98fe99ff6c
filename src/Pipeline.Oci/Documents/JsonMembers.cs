using System.Text.Json;

namespace Pipeline.Oci.Documents;

/// <summary>Members of a JSON object by name and shape: absent and null are null, the wrong shape is a <see cref="FormatException"/>.</summary>
internal static class JsonMembers
{
    public static string? Text(this JsonElement element, string name) =>
        Find(element, name) is not { } member ? null
        : member.ValueKind == JsonValueKind.String ? member.GetString()
        : throw new FormatException($"'{name}' is not a text");

    public static long? Number(this JsonElement element, string name) =>
        Find(element, name) is not { } member ? null
        : member.ValueKind == JsonValueKind.Number && member.TryGetInt64(out var number) ? number
        : throw new FormatException($"'{name}' is not a whole number");

    public static JsonElement? Object(this JsonElement element, string name) =>
        Find(element, name) is not { } member ? null
        : member.ValueKind == JsonValueKind.Object ? member
        : throw new FormatException($"'{name}' is not an object");

    public static IEnumerable<JsonElement> Items(this JsonElement element, string name, int limit)
    {
        if (Find(element, name) is not { } member)
            return [];
        if (member.ValueKind != JsonValueKind.Array)
            throw new FormatException($"'{name}' is not a list");
        if (member.GetArrayLength() > limit)
            throw new FormatException($"'{name}' has more than {limit} entries");
        return member.EnumerateArray();
    }

    private static JsonElement? Find(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? member : null;
}
