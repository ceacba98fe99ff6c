using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Pipeline.Kit;

/// <summary>The part of OpenAPI 3.0's schemas that GitHub's description uses, judged strictly: unknown keys are complaints.</summary>
/// <param name="gaps">Values that are let through although the description does not know them, by the end of their path.</param>
internal sealed class SchemaJudge(JsonElement root, (string Path, string Value)[] gaps)
{
    public JsonElement Follow(JsonElement element)
    {
        while (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("$ref", out var reference))
        {
            var target = root;
            foreach (var step in reference.GetString()!.Split('/').Skip(1))
                target = target.GetProperty(step);
            element = target;
        }
        return element;
    }

    public IEnumerable<string> Judge(JsonElement value, JsonElement schema, string path)
    {
        schema = Follow(schema);
        if (value.ValueKind == JsonValueKind.Null)
            return IsNullable(schema) ? [] : [$"{path}: null"];
        if (schema.TryGetProperty("allOf", out var all))
            return all.EnumerateArray().SelectMany(s => Judge(value, s, path));
        foreach (var word in new[] { "anyOf", "oneOf" })
        {
            if (schema.TryGetProperty(word, out var some))
                return some.EnumerateArray().Any(s => !Judge(value, s, path).Any()) ? [] : [$"{path}: fits none of {word}"];
        }
        return Scalar(value, schema, path).Concat(value.ValueKind switch
        {
            JsonValueKind.Object => Object(value, schema, path),
            JsonValueKind.Array when schema.TryGetProperty("items", out var items) => value.EnumerateArray().SelectMany((v, i) => Judge(v, items, $"{path}[{i}]")),
            _ => [],
        });
    }

    private IEnumerable<string> Object(JsonElement value, JsonElement schema, string path)
    {
        if (!schema.TryGetProperty("properties", out var properties))
            yield break;
        foreach (var name in schema.TryGetProperty("required", out var required) ? required.EnumerateArray().Select(r => r.GetString()!) : [])
        {
            if (!value.TryGetProperty(name, out _))
                yield return $"{path}.{name} is missing";
        }
        foreach (var property in value.EnumerateObject())
        {
            if (!properties.TryGetProperty(property.Name, out var inner))
            {
                if (!schema.TryGetProperty("additionalProperties", out var more) || more.ValueKind == JsonValueKind.False)
                    yield return $"{path}.{property.Name} is not known";
                continue;
            }
            foreach (var complaint in Judge(property.Value, inner, $"{path}.{property.Name}"))
                yield return complaint;
        }
    }

    private IEnumerable<string> Scalar(JsonElement value, JsonElement schema, string path)
    {
        if (schema.TryGetProperty("type", out var type) && !IsOf(value, type.GetString()!))
            yield return $"{path}: {value.ValueKind}, expected {type}";
        if (value.ValueKind != JsonValueKind.String)
            yield break;
        var text = value.GetString()!;
        if (schema.TryGetProperty("enum", out var words) && !words.EnumerateArray().Any(w => w.GetString() == text)
            && !gaps.Any(g => path.EndsWith(g.Path, StringComparison.Ordinal) && text == g.Value))
        {
            yield return $"{path}: '{text}' is none of {words}";
        }
        if (schema.TryGetProperty("minLength", out var least) && text.Length < least.GetInt32())
            yield return $"{path}: shorter than {least}";
        if (schema.TryGetProperty("maxLength", out var most) && text.Length > most.GetInt32())
            yield return $"{path}: longer than {most}";
        if (schema.TryGetProperty("pattern", out var pattern) && !Regex.IsMatch(text, pattern.GetString()!))
            yield return $"{path}: does not match {pattern}";
        if (schema.TryGetProperty("format", out var format) && !Fits(text, format.GetString()!))
            yield return $"{path}: '{text}' is no {format}";
    }

    private static bool Fits(string text, string format) => format switch
    {
        "date-time" => DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.None, out _) && text.Contains('T', StringComparison.Ordinal),
        "uri" => Uri.TryCreate(text, UriKind.Absolute, out _),
        _ => true,
    };

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "string" => value.ValueKind == JsonValueKind.String,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "integer" => value.ValueKind == JsonValueKind.Number && value.TryGetInt64(out _),
        "number" => value.ValueKind == JsonValueKind.Number,
        "array" => value.ValueKind == JsonValueKind.Array,
        _ => value.ValueKind == JsonValueKind.Object,
    };

    private bool IsNullable(JsonElement schema) =>
        (schema.TryGetProperty("nullable", out var nullable) && nullable.GetBoolean())
        || new[] { "anyOf", "oneOf", "allOf" }.Any(w => schema.TryGetProperty(w, out var some) && some.EnumerateArray().Any(s => IsNullable(Follow(s))));
}
