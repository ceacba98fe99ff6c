using System.Text;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Pipeline.Kit;

/// <summary>
/// A JSON Schema as a Markdown table with a row for each key: its path (<c>customize.files[].mode</c>), what may be written,
/// what it means, an example. The forms <c>{append: …, prepend: …}</c> of lists are left out; they are the same everywhere.
/// </summary>
public sealed class SchemaReference
{
    private readonly JObject _root;
    private readonly StringBuilder _text = new("| key | value | meaning | example |\n| --- | --- | --- | --- |\n");

    private SchemaReference(JObject root) => _root = root;

    public static string Table(string schema)
    {
        var reference = new SchemaReference(JObject.Parse(schema));
        reference.WriteKeys(reference._root, "");
        return reference._text.ToString();
    }

    private void WriteKeys(JObject map, string prefix)
    {
        var required = (map["required"] as JArray)?.Select(r => (string)r!).ToHashSet() ?? [];
        foreach (var property in (map["properties"] as JObject)?.Properties() ?? [])
            Write((JObject)property.Value, prefix + property.Name, required.Contains(property.Name));
        if (map["additionalProperties"] is JObject any)
            Write(any, prefix + "NAME", false);
    }

    private void Write(JObject schema, string path, bool isRequired)
    {
        var forms = Forms(schema).ToList();
        var values = string.Join(", or ", forms.Select(Value).Distinct());
        var meaning = (string?)schema["description"] ?? (string?)forms[0]["description"];
        var example = (schema["examples"] ?? forms[0]["examples"])?.First;
        _text.Append($"| `{path}` | {(isRequired ? "**required** " : "")}{Cell(values)} | {Cell(meaning ?? "")} | {Example(example)} |\n");
        foreach (var form in forms)
            WriteBelow(form, path);
    }

    private void WriteBelow(JObject form, string path)
    {
        if (Kind(form) == "object")
            WriteKeys(form, path + ".");
        if (Kind(form) != "array" || form["items"] is not JObject items)
            return;
        foreach (var item in Forms(items).Where(i => Kind(i) == "object"))
            WriteKeys(item, path + "[].");
    }

    /// <summary>What may be written, without null (which removes an inherited key everywhere) and without the changes of lists.</summary>
    private IEnumerable<JObject> Forms(JObject schema)
    {
        var own = Resolve(schema);
        var alternatives = own["anyOf"] is JArray any ? any.Cast<JObject>().Select(Resolve) : [own];
        return alternatives.Where(a => Kind(a) != "null" && a["properties"]?["prepend"] is null);
    }

    private JObject Resolve(JObject schema) =>
        (string?)schema["$ref"] is { } target ? (JObject)_root["definitions"]![target["#/definitions/".Length..]]! : schema;

    private static string? Kind(JObject schema) =>
        schema["type"] is JArray several ? several.Select(t => (string)t!).First(t => t != "null") : (string?)schema["type"];

    private string Value(JObject form)
    {
        if (form["enum"] is JArray words)
            return string.Join(", ", words.Where(w => w.Type != JTokenType.Null).Select(w => $"`{Json(w)}`"));
        return Kind(form) switch
        {
            "object" => "a map",
            "array" => form["items"] is JObject items ? $"a list of: {string.Join(", or ", Forms(items).Select(Value))}" : "a list",
            "boolean" => "`true`, `false`",
            "integer" => Range(form),
            _ => (string?)form["title"] is { } title && title.StartsWith('a') && title.Contains(' ', StringComparison.Ordinal) ? title : "a text",
        };
    }

    private static string Range(JObject form) =>
        form.ContainsKey("minimum") ? $"a number from {form["minimum"]} to {form["maximum"]}" : "a number";

    private static string Example(JToken? example) => example is null ? "" : $"`{Cell(Json(example))}`";

    /// <summary>Flow YAML, which JSON nearly is: keys and plain words lose their quotes.</summary>
    private static string Json(JToken value) => value switch
    {
        JObject map => "{" + string.Join(", ", map.Properties().Select(p => $"{p.Name}: {Json(p.Value)}")) + "}",
        JArray list => "[" + string.Join(", ", list.Select(Json)) + "]",
        { Type: JTokenType.String } when IsPlain((string)value!) => (string)value!,
        _ => value.ToString(Formatting.None),
    };

    private static bool IsPlain(string text) =>
        text.Length > 0 && (char.IsLetter(text[0]) || text[0] == '/' || (char.IsDigit(text[0]) && char.IsLetter(text[^1]) && !text.StartsWith("0x", StringComparison.Ordinal)))
        && text.All(c => char.IsLetterOrDigit(c) || c is '/' or '.' or '-' or '_' or ':' or '=' or '@' or ' ' or '*') && !text.Contains(": ", StringComparison.Ordinal);

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal).Replace("\n", " ", StringComparison.Ordinal);
}
