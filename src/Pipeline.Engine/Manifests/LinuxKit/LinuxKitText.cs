using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Pipeline.Core.Json;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>A tree as text again: as JSON, and as YAML in blocks whose texts are in double quotes.</summary>
internal static class LinuxKitText
{
    private static readonly JsonSerializerOptions Plain = JsonForm.LineLike(JsonSerializerOptions.Default);

    private static readonly JsonSerializerOptions Indented =
        new(Plain) { WriteIndented = true, IndentSize = 4, NewLine = "\n" };

    /// <summary>With four spaces an indent, as LinuxKit does.</summary>
    public static string Json(JsonNode? node) => node?.ToJsonString(Indented) ?? "null";

    public static string Yaml(JsonNode? node)
    {
        var text = new StringBuilder();
        Write(text, node, 0);
        return text.ToString();
    }

    /// <summary>The values as the schema wants them: a number where it wants text is text.</summary>
    public static JsonNode? Tree(YamlNode node, Func<YamlScalar, bool> isText) => node switch
    {
        YamlMap map => new JsonObject(map.Entries.Select(e => KeyValuePair.Create(e.Key, Tree(e.Value, isText)))),
        YamlSequence list => new JsonArray([.. list.Items.Select(i => Tree(i, isText))]),
        YamlScalar scalar => Scalar(scalar, isText(scalar)),
        _ => null,
    };

    private static JsonValue? Scalar(YamlScalar scalar, bool isText) => scalar.Kind switch
    {
        _ when isText => JsonValue.Create(scalar.Text),
        ScalarKind.Null => null,
        ScalarKind.Boolean => JsonValue.Create(scalar.Text[0] is 't' or 'T'),
        ScalarKind.Integer when long.TryParse(scalar.Text, out var number) => JsonValue.Create(number),
        _ => JsonValue.Create(scalar.Text),
    };

    private static void Write(StringBuilder text, JsonNode? node, int depth)
    {
        var indent = new string(' ', depth * 2);
        if (node is JsonObject { Count: > 0 } map)
        {
            foreach (var (key, value) in map)
            {
                text.Append(indent).Append(Quoted(key)).Append(':');
                WriteBelow(text, value, depth);
            }
        }
        else if (node is JsonArray { Count: > 0 } list)
        {
            foreach (var item in list)
            {
                text.Append(indent).Append('-');
                WriteBelow(text, item, depth);
            }
        }
        else
        {
            text.Append(indent).Append(Leaf(node)).Append('\n');
        }
    }

    private static void WriteBelow(StringBuilder text, JsonNode? value, int depth)
    {
        if (value is JsonObject { Count: > 0 } or JsonArray { Count: > 0 })
        {
            text.Append('\n');
            Write(text, value, depth + 1);
            return;
        }
        text.Append(' ').Append(Leaf(value)).Append('\n');
    }

    // Every JSON value is a YAML value.
    private static string Leaf(JsonNode? node) => node?.ToJsonString(Plain) ?? "null";

    private static string Quoted(string key) => key.All(c => char.IsAsciiLetter(c) || c is '.' or '_') ? key : JsonSerializer.Serialize(key, Plain);
}
