using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>A statement as it was read: who says that what was built of what.</summary>
/// <param name="Subjects">By name.</param>
/// <param name="Parameters">External ones, as text.</param>
/// <param name="Inputs">Null in a statement about documents.</param>
public sealed record BuildStatement(
    ImmutableSortedDictionary<string, Digest> Subjects, ImmutableSortedDictionary<string, string> Parameters,
    ImmutableSortedDictionary<string, string>? Inputs, string Builder)
{
    private const int MaxDepth = 16;

    /// <summary><c>IMAGE/BOARD/OUTPUT</c>; null in a statement about documents.</summary>
    public string? TargetId => Parameters.TryGetValue("board", out var board) ? $"{Parameters.GetValueOrDefault("image")}/{board}/{Parameters.GetValueOrDefault("output")}" : null;

    /// <summary>Null, and why, where it is none of ours.</summary>
    public static (BuildStatement? Statement, string? Problem) Read(DsseEnvelope envelope)
    {
        if (envelope.PayloadType != DsseEnvelope.InToto)
            return (null, $"its type is '{envelope.PayloadType}', expected '{DsseEnvelope.InToto}'");
        try
        {
            using var document = JsonDocument.Parse(envelope.Payload, new() { MaxDepth = MaxDepth });
            var root = document.RootElement;
            var predicate = root.GetProperty("predicate");
            var definition = predicate.GetProperty("buildDefinition");
            var wrong = Wrong(root, "_type", Statement.Type) ?? Wrong(root, "predicateType", Statement.PredicateType) ?? Wrong(definition, "buildType", Statement.BuildType);
            if (wrong is not null)
                return (null, wrong);
            CheckDependencies(definition.GetProperty("resolvedDependencies"));
            var builder = predicate.GetProperty("runDetails").GetProperty("builder").GetProperty("id").GetString() ?? "";
            return builder.Length == 0 ? (null, "it names no builder") : (new(ReadSubjects(root.GetProperty("subject")), ReadTexts(definition.GetProperty("externalParameters")), ReadInputs(definition), builder), null);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            return (null, e is KeyNotFoundException ? "a required key of provenance is not there" : e.Message.ReplaceLineEndings(" ").TrimEnd('.'));
        }
    }

    private static string? Wrong(JsonElement element, string key, string expected) =>
        element.GetProperty(key).GetString() is var found && found == expected ? null : $"{key} is '{found}', expected '{expected}'";

    private static ImmutableSortedDictionary<string, Digest> ReadSubjects(JsonElement subjects)
    {
        var read = ImmutableSortedDictionary.CreateBuilder<string, Digest>(StringComparer.Ordinal);
        foreach (var subject in subjects.EnumerateArray())
        {
            var name = subject.GetProperty("name").GetString() ?? "";
            var digest = Digest.Parse("sha256:" + subject.GetProperty("digest").GetProperty("sha256").GetString());
            if (!ReleaseNames.IsValid(name) || !read.TryAdd(name, digest))
                throw new FormatException("a subject has no name, or that of another one");
        }
        return read.Count > 0 ? read.ToImmutable() : throw new FormatException("it has no subject");
    }

    private static void CheckDependencies(JsonElement dependencies)
    {
        foreach (var dependency in dependencies.EnumerateArray())
        {
            if (!dependency.GetProperty("digest").EnumerateObject().Any())
                throw new FormatException("a dependency has no digest");
        }
    }

    private static ImmutableSortedDictionary<string, string>? ReadInputs(JsonElement definition) =>
        definition.TryGetProperty("internalParameters", out var parameters) && parameters.TryGetProperty("inputs", out var inputs) ? ReadTexts(inputs) : null;

    private static ImmutableSortedDictionary<string, string> ReadTexts(JsonElement map)
    {
        var texts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var entry in map.EnumerateObject())
            texts[entry.Name] = entry.Value.ToString();
        return texts.ToImmutable();
    }
}
