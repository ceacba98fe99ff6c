using NJsonSchema;
using NJsonSchema.Validation;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Schema;

/// <summary>The validator's errors as diagnostics: each at its place, with what would be right instead.</summary>
internal sealed class SchemaErrors(YamlNode root)
{
    private readonly DiagnosticBag _bag = new();

    public IReadOnlyList<Diagnostic> Diagnostics => _bag.ToImmutable();

    public void Explain(IEnumerable<ValidationError> errors)
    {
        foreach (var error in errors)
            Explain(error);
    }

    private void Explain(ValidationError error)
    {
        var place = TreePath.Follow(root, error.Path);
        switch (error.Kind)
        {
            case ValidationErrorKind.NotAnyOf when error is ChildSchemaValidationError alternatives:
                ExplainAlternative(alternatives, place);
                break;
            case ValidationErrorKind.NoAdditionalPropertiesAllowed:
                UnknownKey(error, place);
                break;
            case ValidationErrorKind.PropertyRequired:
                MissingKey(error, place);
                break;
            case ValidationErrorKind.NotInEnumeration:
                NotAllowed(error, place);
                break;
            case ValidationErrorKind.PatternMismatch or ValidationErrorKind.StringTooShort or ValidationErrorKind.StringTooLong:
                WrongForm(error.Schema, place);
                break;
            case ValidationErrorKind.NumberTooSmall or ValidationErrorKind.NumberTooBig or ValidationErrorKind.IntegerTooBig:
                _bag.Add(ManifestRules.OutOfRange, place.Node.Span, Text(place.Node), place.Name, error.Schema.Minimum, error.Schema.Maximum);
                break;
            case ValidationErrorKind.TooFewItems or ValidationErrorKind.TooManyItems:
                _bag.Add(ManifestRules.ItemCount, place.Node.Span, place.Name, error.Schema.MinItems, error.Schema.MaxItems);
                break;
            case ValidationErrorKind.ItemsNotUnique:
                _bag.Add(ManifestRules.RepeatedItem, place.Node.Span, place.Name);
                break;
            default:
                if (error is ChildSchemaValidationError children)
                    Explain(children.Errors.SelectMany(e => e.Value));
                else
                    WrongType(error.Schema, place);
                break;
        }
    }

    private void ExplainAlternative(ChildSchemaValidationError error, TreePath place)
    {
        var meant = SchemaBranch.Choose(error.Schema, place.Node);
        if (meant is null)
            WrongType(error.Schema, place);
        else
            Explain(error.Errors.Where(e => e.Key.ActualSchema == meant).SelectMany(e => e.Value));
    }

    private void UnknownKey(ValidationError error, TreePath place)
    {
        var known = error.Schema.ActualSchema.Properties.Keys.ToList();
        var advice = Nearest.Find(place.Name, known) is { } near ? $"did you mean '{near}'?" : $"known keys are {Message.List(known)}";
        _bag.Add(ManifestRules.UnknownKey, place.KeySpan ?? place.Node.Span, Message.Quote(place.Name), Title(error.Schema), advice);
    }

    private void MissingKey(ValidationError error, TreePath place)
    {
        var schema = error.Schema.ActualSchema;
        var property = schema.Properties.TryGetValue(error.Property, out var found) ? found : null;
        var example = Example(property);
        _bag.Add(ManifestRules.MissingKey, place.Node.Span, error.Property, Title(schema), $"{error.Property}: {example}");
    }

    private void NotAllowed(ValidationError error, TreePath place)
    {
        var allowed = error.Schema.ActualSchema.Enumeration.Where(e => e is not null).Select(e => e!.ToString()!).ToList();
        var near = place.Node is YamlScalar scalar ? Nearest.Find(scalar.Text, allowed) : null;
        var advice = (near is null ? "" : $"did you mean '{near}'? ") + $"allowed: {Message.List(allowed)}";
        _bag.Add(ManifestRules.NotAllowed, place.Node.Span, Text(place.Node), place.Name, advice);
    }

    private void WrongForm(JsonSchema schema, TreePath place) =>
        _bag.Add(ManifestRules.WrongForm, place.Node.Span, Text(place.Node), schema.ActualSchema.Title ?? "a text of the right length", Example(schema));

    private void WrongType(JsonSchema schema, TreePath place) => _bag.Add(
        ManifestRules.WrongType,
        place.Node.Span,
        place.Name.Length == 0 ? Title(schema) : place.Name,
        SchemaBranch.Expected(schema),
        place.Node.Description,
        SchemaBranch.Advice(schema, place.Node));

    private static string Text(YamlNode node) => node is YamlScalar scalar ? Message.Quote(scalar.Text) : node.Description;

    private static string Title(JsonSchema schema) => schema.ActualSchema.Title ?? "this map";

    /// <summary>The first example that the schema gives, on one line.</summary>
    private static string Example(JsonSchema? schema)
    {
        foreach (var candidate in new[] { schema, schema?.ActualSchema })
        {
            if (candidate?.ExtensionData is { } data && data.TryGetValue("examples", out var value) && value is IEnumerable<object> examples)
                return examples.OfType<string>().FirstOrDefault() ?? "…";
        }
        return "…";
    }
}
