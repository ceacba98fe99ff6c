using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Json;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing;

/// <summary>Reads and writes <c>inputs.json</c>; its form is described in this folder's README. Keys are sorted, times absent.</summary>
public static class ReleaseRecordJson
{
    /// <summary>Raised when an old reader would misunderstand; additions do not raise it.</summary>
    public const int Format = 1;

    /// <summary>A record of a thousand targets stays far below.</summary>
    public const int LimitBytes = 32 << 20;

    private static readonly RecordContext Context = new(JsonForm.KeptDocument(maxDepth: 16));

    public static byte[] Write(ReleaseRecord record)
    {
        var document = new RecordDocument(
            Format, record.Image, record.Version, record.Previous, record.Commit, new(record.Labels, StringComparer.Ordinal),
            new(record.Targets.ToDictionary(t => t.Key, t => ToDocument(t.Value)), StringComparer.Ordinal));
        return [.. JsonSerializer.SerializeToUtf8Bytes(document, Context.RecordDocument), (byte)'\n'];
    }

    /// <param name="problem">Why there is no record; readable.</param>
    public static bool TryRead(
        ReadOnlySpan<byte> json, [NotNullWhen(true)] out ReleaseRecord? record, [NotNullWhen(false)] out string? problem)
    {
        (record, problem) = (null, null);
        try
        {
            var document = JsonSerializer.Deserialize(json, Context.RecordDocument);
            if (document is null || document.Format != Format)
                problem = $"format {document?.Format.ToString() ?? "null"}, expected {Format}";
            else
                record = FromDocument(document);
        }
        catch (Exception e) when (e is JsonException or FormatException or NotSupportedException)
        {
            problem = e.Message.ReplaceLineEndings(" ");
        }
        return record is not null;
    }

    private static TargetDocument ToDocument(PublishedTarget target) => new(
        target.BuiltIn,
        new(target.Inputs.Deciding, StringComparer.Ordinal),
        new(target.Inputs.Observed, StringComparer.Ordinal),
        [.. target.Files.Select(ToDocument)])
    {
        Packages = target.Packages is { } packages ? ToDocument(packages) : null,
    };

    private static FileDocument ToDocument(ReleaseFile file) => new(file.Name, file.Size.Bytes, file.Sha256.Hex)
    {
        Unpacked = file.Unpacked is { } image ? new(image.Size.Bytes, image.Sha256.Hex) : null,
    };

    private static ReleaseRecord FromDocument(RecordDocument document) => new(
        document.Image, document.Version, document.Previous, document.Commit,
        Texts(document.Labels),
        document.Targets.ToImmutableSortedDictionary(t => t.Key, t => FromDocument(t.Key, t.Value ?? throw new FormatException($"'{t.Key}' is null")), StringComparer.Ordinal));

    /// <summary>The reader checks properties for null, but not the values of a map.</summary>
    private static ImmutableSortedDictionary<string, string> Texts(SortedDictionary<string, string> map) =>
        map.ToImmutableSortedDictionary(
            e => e.Key, e => e.Value ?? throw new FormatException($"'{e.Key}' is null"), StringComparer.Ordinal);

    private static PublishedTarget FromDocument(string id, TargetDocument target) => new(
        id,
        target.BuiltIn,
        new(Texts(target.Deciding), Texts(target.Observed)),
        [.. target.Files.Select(FromDocument)],
        [])
    {
        Packages = target.Packages is { } packages ? FromDocument(packages) : null,
    };

    private static ReleaseFile FromDocument(FileDocument? file) => new(
        ReleaseNames.IsValid(file?.Name ?? throw new FormatException("a file is null")) ? file.Name : throw new FormatException($"'{file.Name}' is not a file name of a release"),
        SizeOf(file.Name, file.SizeBytes),
        Digest.Parse("sha256:" + file.Sha256))
    {
        Unpacked = file.Unpacked is { } image ? new(SizeOf(file.Name, image.SizeBytes), Digest.Parse("sha256:" + image.Sha256)) : null,
    };

    private static ByteSize SizeOf(string name, long bytes) => new(bytes >= 0 ? bytes : throw new FormatException($"'{name}' has a negative size"));
}

internal sealed record RecordDocument(
    int Format, string Image, string Version, string? Previous, string? Commit,
    SortedDictionary<string, string> Labels, SortedDictionary<string, TargetDocument> Targets);

internal sealed record TargetDocument(
    string BuiltIn, SortedDictionary<string, string> Deciding, SortedDictionary<string, string> Observed, FileDocument[] Files)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public FileDocument? Packages { get; init; }
}

internal sealed record FileDocument(string Name, long SizeBytes, string Sha256)
{
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public UnpackedDocument? Unpacked { get; init; }
}

internal sealed record UnpackedDocument(long SizeBytes, string Sha256);

[JsonSerializable(typeof(RecordDocument))]
internal sealed partial class RecordContext : JsonSerializerContext;
