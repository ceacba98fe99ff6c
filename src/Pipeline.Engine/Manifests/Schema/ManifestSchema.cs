using Newtonsoft.Json.Linq;
using NJsonSchema;
using NJsonSchema.Validation;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Schema;

/// <summary>One of the embedded schemas, ready to judge a tree. The files in <c>schemas/</c> are the contract; this only obeys them.</summary>
internal sealed class ManifestSchema
{
    private static readonly Lazy<ManifestSchema> LazyImage = new(() => Load("image"));
    private static readonly Lazy<ManifestSchema> LazyBoard = new(() => Load("board"));
    private static readonly Lazy<ManifestSchema> LazyPipeline = new(() => Load("pipeline"));
    private static readonly Lazy<ManifestSchema> LazyLinuxKit = new(() => Load("linuxkit"));
    private readonly JsonSchema _schema;

    private ManifestSchema(JsonSchema schema) => _schema = schema;

    public static ManifestSchema Image => LazyImage.Value;

    public static ManifestSchema Board => LazyBoard.Value;

    public static ManifestSchema Pipeline => LazyPipeline.Value;

    public static ManifestSchema LinuxKit => LazyLinuxKit.Value;

    /// <summary>The text of an embedded schema: <c>image</c>, <c>board</c>, <c>pipeline</c> or <c>linuxkit</c>.</summary>
    public static string Text(string name)
    {
        using var stream = typeof(ManifestSchema).Assembly.GetManifestResourceStream($"schemas/{name}.schema.json")
            ?? throw new InvalidOperationException($"the schema '{name}' is not embedded");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>Every way in which the tree breaks the schema, each at its place.</summary>
    public IReadOnlyList<Diagnostic> Validate(YamlNode root)
    {
        var token = TokenBuilder.Build(root, _schema);
        var explainer = new SchemaErrors(root);
        explainer.Explain(new JsonSchemaValidator().Validate(token, _schema));
        return explainer.Diagnostics;
    }

    // The schemas are texts without outside references, so the task is finished when it is returned.
    private static ManifestSchema Load(string name)
    {
        var schema = JObject.Parse(Text(name));
        SchemaExamples.ToText(schema);
        return new ManifestSchema(JsonSchema.FromJsonAsync(schema.ToString()).GetAwaiter().GetResult());
    }
}
