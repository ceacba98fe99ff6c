using Newtonsoft.Json.Linq;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Schema;

/// <summary>The reference for users says every key of the schemas, in the schemas' words.</summary>
public sealed class ManifestReferenceTests
{
    private const string Document = "docs/manifest-reference.md";

    [Theory]
    [InlineData("image")]
    [InlineData("board")]
    [InlineData("pipeline")]
    public void Keys(string schema) => Documents.MatchPart(Document, "keys of " + schema, SchemaReference.Table(ManifestSchema.Text(schema)));

    /// <summary>Judges the table maker, which could pass over keys that lie in an unforeseen place.</summary>
    [Theory]
    [InlineData("image")]
    [InlineData("board")]
    [InlineData("pipeline")]
    public void No_key_is_passed_over(string schema)
    {
        var keys = JObject.Parse(ManifestSchema.Text(schema)).Descendants().OfType<JProperty>()
            .Where(p => p.Name == "properties").SelectMany(p => ((JObject)p.Value).Properties()).Select(p => p.Name).Distinct()
            .Where(k => k is not ("append" or "prepend"));
        var table = SchemaReference.Table(ManifestSchema.Text(schema));

        keys.Where(k => !table.Contains($"`{k}`", StringComparison.Ordinal) && !table.Contains($".{k}`", StringComparison.Ordinal)).ShouldBeEmpty();
    }
}
