using NJsonSchema;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Schema;

/// <summary>
/// Which alternative of an <c>anyOf</c> the author meant. The alternatives in our schemas differ in kind (a list, a map,
/// a text), so the kind of what was written decides; among texts the last one counts, which is the general one.
/// </summary>
internal static class SchemaBranch
{
    /// <summary>The schema that applies to a node: references followed, alternatives decided. Null when no alternative is of its kind.</summary>
    public static JsonSchema? Choose(JsonSchema schema, YamlNode node)
    {
        var actual = schema.ActualSchema;
        return actual.AnyOf.Count == 0 ? actual : actual.AnyOf.Select(s => s.ActualSchema).LastOrDefault(s => Fits(s, node));
    }

    /// <summary>What would be right here, for a message: <c>a list or a map</c>.</summary>
    public static string Expected(JsonSchema schema)
    {
        var actual = schema.ActualSchema;
        var kinds = actual.AnyOf.Count == 0 ? Kinds(actual) : actual.AnyOf.SelectMany(s => Kinds(s.ActualSchema));
        return string.Join(" or ", kinds.Distinct());
    }

    /// <summary>How the same thing is written rightly, where that is plain: <c>; write [box]</c>, <c>; write true</c>. Empty otherwise.</summary>
    public static string Advice(JsonSchema schema, YamlNode node)
    {
        if (node is not YamlScalar { Kind: not ScalarKind.Null } scalar)
            return "";
        var expected = Expected(schema);
        if (expected.Contains("a list", StringComparison.Ordinal))
            return $"; write [{Message.Quote(scalar.Text)}]";
        return expected != "true or false" ? "" : scalar.Text.ToUpperInvariant() switch
        {
            "YES" or "ON" or "Y" or "1" => "; write true",
            "NO" or "OFF" or "N" or "0" => "; write false",
            _ => "",
        };
    }

    private static bool Fits(JsonSchema schema, YamlNode node) => node switch
    {
        YamlMap => schema.Type.HasFlag(JsonObjectType.Object),
        YamlSequence => schema.Type.HasFlag(JsonObjectType.Array),
        YamlScalar { Kind: ScalarKind.Null } => schema.Type.HasFlag(JsonObjectType.Null),
        _ => (schema.Type & (JsonObjectType.String | JsonObjectType.Integer | JsonObjectType.Number | JsonObjectType.Boolean)) != 0,
    };

    private static IEnumerable<string> Kinds(JsonSchema schema)
    {
        if (schema.Type.HasFlag(JsonObjectType.Object))
            yield return "a map";
        if (schema.Type.HasFlag(JsonObjectType.Array))
            yield return "a list";
        if (schema.Type.HasFlag(JsonObjectType.String))
            yield return "text";
        if (schema.Type.HasFlag(JsonObjectType.Integer) || schema.Type.HasFlag(JsonObjectType.Number))
            yield return schema.Type.HasFlag(JsonObjectType.Number) ? "a number" : "a whole number";
        if (schema.Type.HasFlag(JsonObjectType.Boolean))
            yield return "true or false";
    }
}
