using System.Globalization;
using System.Text.RegularExpressions;
using Newtonsoft.Json;
using Newtonsoft.Json.Linq;

namespace Pipeline.Engine.Manifests.Schema;

/// <summary>The examples of a schema as the one-line YAML that messages show.</summary>
internal static partial class SchemaExamples
{
    /// <summary>
    /// Turns every example into text, in place. The schema library would take an example with a key such as
    /// <c>type</c> for a schema and lose what it says.
    /// </summary>
    public static void ToText(JToken schema)
    {
        foreach (var property in schema.Children<JProperty>().Where(p => p is { Name: "examples", Value: JArray }).ToList())
            property.Value = new JArray(property.Value.Select(Flow));
        foreach (var child in schema.Children())
            ToText(child);
    }

    /// <summary>YAML in flow style: <c>{type: gpt}</c>, <c>[a, b]</c>.</summary>
    public static string Flow(JToken value) => value switch
    {
        JObject map => "{" + string.Join(", ", map.Properties().Select(p => $"{p.Name}: {Flow(p.Value)}")) + "}",
        JArray list => "[" + string.Join(", ", list.Select(Flow)) + "]",
        JValue { Type: JTokenType.String } text => Plain().IsMatch((string)text!) ? (string)text! : JsonConvert.ToString((string)text!),
        _ => string.Create(CultureInfo.InvariantCulture, $"{value}").ToLowerInvariant(),
    };

    [GeneratedRegex(@"\A[A-Za-z0-9/$][A-Za-z0-9 _./=@:+*$-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex Plain();
}
