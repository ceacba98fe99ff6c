using System.Globalization;
using Newtonsoft.Json.Linq;
using NJsonSchema;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Schema;

/// <summary>
/// The located tree as the JSON that the validator reads. Where the schema wants text, a plain <c>1.0</c>, <c>42</c> or
/// <c>true</c> is text; everywhere else scalars mean what YAML 1.2 says.
/// </summary>
internal static class TokenBuilder
{
    public static JToken Build(YamlNode node, JsonSchema? schema)
    {
        var actual = schema is null ? null : SchemaBranch.Choose(schema, node);
        return node switch
        {
            YamlMap map => new JObject(map.Entries.Select(e => new JProperty(e.Key, Build(e.Value, Property(actual, e.Key))))),
            YamlSequence list => new JArray(list.Items.Select(i => Build(i, actual?.Item))),
            YamlScalar scalar => Scalar(scalar, actual?.Type ?? JsonObjectType.None),
            _ => JValue.CreateNull(),
        };
    }

    private static JsonSchema? Property(JsonSchema? schema, string key)
    {
        if (schema is null)
            return null;
        return schema.Properties.TryGetValue(key, out var property) ? property : schema.AdditionalPropertiesSchema;
    }

    private static JValue Scalar(YamlScalar scalar, JsonObjectType wanted) => scalar.Kind switch
    {
        ScalarKind.Null => JValue.CreateNull(),
        ScalarKind.Boolean when !IsText(wanted, JsonObjectType.Boolean) => new JValue(char.ToLowerInvariant(scalar.Text[0]) == 't'),
        ScalarKind.Integer when !IsText(wanted, JsonObjectType.Integer) => new JValue(long.Parse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture)),
        ScalarKind.Real when !IsText(wanted, JsonObjectType.Number) => new JValue(double.Parse(scalar.Text, CultureInfo.InvariantCulture)),
        _ => JValue.CreateString(scalar.Text),
    };

    private static bool IsText(JsonObjectType wanted, JsonObjectType own) => wanted.HasFlag(JsonObjectType.String) && !wanted.HasFlag(own);
}
