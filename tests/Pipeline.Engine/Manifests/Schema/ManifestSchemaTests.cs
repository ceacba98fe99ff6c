using Newtonsoft.Json.Linq;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Schema;

/// <summary>The schemas say only what the reader understands, and explain everything they say.</summary>
public sealed class ManifestSchemaTests
{
    /// <summary>Keywords that NJsonSchema judges or that only explain. Another one would be silently ignored.</summary>
    private static readonly HashSet<string> Supported =
    [
        "$schema", "$ref", "title", "description", "examples", "type", "properties", "additionalProperties", "required", "definitions",
        "items", "minItems", "maxItems", "uniqueItems", "enum", "pattern", "minLength", "maxLength", "minimum", "maximum", "anyOf",
    ];

    public static TheoryData<string> Names => ["image", "board", "pipeline", "linuxkit"];

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_keyword_is_supported(string name)
    {
        foreach (var (path, schema) in Walk(JObject.Parse(ManifestSchema.Text(name)), "#"))
            schema.Properties().Select(p => p.Name).Where(k => !Supported.Contains(k)).ShouldBeEmpty(path);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Everything_is_explained(string name)
    {
        foreach (var (path, schema) in Walk(JObject.Parse(ManifestSchema.Text(name)), "#"))
        {
            var bare = schema.ContainsKey("$ref") || path == "#" || (string?)(schema["type"] as JValue) == "null";
            (bare || schema.ContainsKey("description")).ShouldBeTrue($"{path} has no description");
            (bare || schema.ContainsKey("examples")).ShouldBeTrue($"{path} has no examples");
        }
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Maps_are_closed(string name)
    {
        foreach (var (path, schema) in Walk(JObject.Parse(ManifestSchema.Text(name)), "#"))
            ((string?)(schema["type"] as JValue) != "object" || schema.ContainsKey("additionalProperties")).ShouldBeTrue($"{path} lets unknown keys pass");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Alternatives_can_be_told_apart_by_kind(string name)
    {
        foreach (var (path, schema) in Walk(JObject.Parse(ManifestSchema.Text(name)), "#").Where(s => s.Schema.ContainsKey("anyOf")))
            schema["anyOf"]!.Count().ShouldBeInRange(2, 3, path);
    }

    [Fact]
    public void Files_on_disk_are_what_is_embedded()
    {
        foreach (var name in Names)
            ManifestSchema.Text(name).ShouldBe(File.ReadAllText(Path.Combine(ShippedFilesTests.RepositoryRoot, "schemas", $"{(string)name}.schema.json")));
    }

    private static IEnumerable<(string Path, JObject Schema)> Walk(JObject schema, string path)
    {
        yield return (path, schema);
        foreach (var group in new[] { "properties", "definitions" })
        {
            foreach (var property in (schema[group] as JObject)?.Properties() ?? [])
            {
                foreach (var below in Walk((JObject)property.Value, $"{path}/{group}/{property.Name}"))
                    yield return below;
            }
        }
        var others = new[] { schema["items"], schema["additionalProperties"] }.Concat(schema["anyOf"] ?? new JArray()).OfType<JObject>();
        foreach (var other in others)
        {
            foreach (var below in Walk(other, $"{path}/*"))
                yield return below;
        }
    }
}
