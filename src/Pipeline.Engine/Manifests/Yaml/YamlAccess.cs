using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Yaml;

/// <summary>Reads a tree without minding its mistakes: what is missing or of the wrong kind is null, because the schema has already said so.</summary>
internal static class YamlAccess
{
    public static YamlScalar? Scalar(this YamlMap? map, string key) => map?.Find(key)?.Value is YamlScalar { Kind: not ScalarKind.Null } scalar ? scalar : null;

    public static string? Text(this YamlMap? map, string key) => map.Scalar(key)?.Text;

    public static YamlMap? Map(this YamlMap? map, string key) => map?.Find(key)?.Value as YamlMap;

    public static ImmutableArray<YamlNode> Items(this YamlMap? map, string key) => map?.Find(key)?.Value is YamlSequence list ? list.Items : [];

    public static IEnumerable<YamlMap> Maps(this YamlMap? map, string key) => map.Items(key).OfType<YamlMap>();

    public static IEnumerable<YamlScalar> Scalars(this YamlMap? map, string key) =>
        map.Items(key).OfType<YamlScalar>().Where(s => s.Kind != ScalarKind.Null);

    public static bool? Boolean(this YamlMap? map, string key) =>
        map.Scalar(key) is { Kind: ScalarKind.Boolean } scalar ? scalar.Text[0] is 't' or 'T' : null;

    public static long? Integer(this YamlMap? map, string key) =>
        map.Scalar(key) is { Kind: ScalarKind.Integer } scalar
            && long.TryParse(scalar.Text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) ? value : null;

    /// <summary>Where the value of a key is; where the map is when there is none.</summary>
    public static SourceSpan SpanOf(this YamlMap map, string key) => map.Find(key)?.Value.Span ?? map.Span;

    /// <summary>Where a key is written; where the map is when it is not there.</summary>
    public static SourceSpan KeySpanOf(this YamlMap map, string key) => map.Find(key)?.KeySpan ?? map.Span;
}
