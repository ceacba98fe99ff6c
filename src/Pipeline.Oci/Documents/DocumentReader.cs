using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Platforms;

namespace Pipeline.Oci.Documents;

/// <summary>
/// Reads the JSON documents of an image. Fields it does not know are ignored; a field it knows that has the wrong shape,
/// a doubled member, or more nesting than any real document has, is a diagnostic.
/// </summary>
public static class DocumentReader
{
    /// <summary>Larger manifests and configurations are refused before they are read.</summary>
    public const int MaxDocumentBytes = 4 << 20;

    private const int MaxDepth = 32;
    private const int MaxEntries = 10_000;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = MaxDepth, AllowDuplicateProperties = false };

    /// <summary>Reads an index or a manifest.</summary>
    /// <param name="name">The image, for messages.</param>
    /// <param name="mediaType">What the descriptor or the registry says it is; empty where nobody says.</param>
    public static Result<ImageDocument> ReadImage(string name, string mediaType, ReadOnlyMemory<byte> json, SourceSpan? span)
    {
        if (MediaTypes.IsSchema1(mediaType))
            return Fail<ImageDocument>(DocumentRules.Schema1, span, name);
        return Guard<ImageDocument>(name, "manifest", json, span, root =>
        {
            var stated = root.Text("mediaType") ?? "";
            if (root.Number("schemaVersion") == 1 || MediaTypes.IsSchema1(stated))
                return Fail<ImageDocument>(DocumentRules.Schema1, span, name);
            var type = Known(mediaType) ? mediaType : Known(stated) ? stated : Guess(root);
            if (!Known(type))
                return Fail<ImageDocument>(DocumentRules.Unsupported, span, name, Readable(mediaType.Length > 0 ? mediaType : stated));
            if (Known(stated) && Known(mediaType) && stated != mediaType)
                throw new FormatException($"it was announced as '{mediaType}' but calls itself '{stated}'");
            if (root.TryGetProperty("manifests", out _) && root.TryGetProperty("layers", out _))
                throw new FormatException("it has both 'manifests' and 'layers'");
            return MediaTypes.IsIndex(type) ? Index(root) : ReadManifest(root) with { MediaType = type, Json = json };
        });
    }

    public static Result<ImageConfig> ReadConfig(string name, ReadOnlyMemory<byte> json, SourceSpan? span) =>
        Guard<ImageConfig>(name, "configuration", json, span, root =>
        {
            var (os, architecture, variant) = (root.Text("os"), root.Text("architecture"), root.Text("variant"));
            var platform = string.IsNullOrEmpty(os) || string.IsNullOrEmpty(architecture) ? null : Platform.Of(os, architecture, variant);
            return new ImageConfig(platform, !string.IsNullOrEmpty(variant), DiffIds(root), Labels(root), Time(root.Text("created")))
            {
                Process = Process(root),
                Json = json,
            };
        });

    /// <summary>The layout's <c>index.json</c>; as an index, whatever it calls itself.</summary>
    public static Result<ImageIndex> ReadLayoutIndex(string name, ReadOnlyMemory<byte> json, SourceSpan? span) =>
        Guard<ImageIndex>(name, "index.json", json, span, root => Index(root));

    private static bool Known(string type) => MediaTypes.IsIndex(type) || MediaTypes.IsManifest(type);

    private static string Guess(JsonElement root) =>
        root.TryGetProperty("manifests", out _) ? MediaTypes.OciIndex
        : root.TryGetProperty("layers", out _) && root.TryGetProperty("config", out _) ? MediaTypes.OciManifest : "";

    private static ImageIndex Index(JsonElement root) => new([.. root.Items("manifests", MaxEntries).Select(Entry)]);

    private static IndexEntry Entry(JsonElement entry)
    {
        var descriptor = ReadDescriptor(entry);
        var platform = entry.Object("platform");
        var (os, architecture) = (platform?.Text("os"), platform?.Text("architecture"));
        var isAttestation = descriptor.Annotations.GetValueOrDefault("vnd.docker.reference.type") == "attestation-manifest"
            || (os, architecture) is ("unknown", "unknown") || entry.Text("artifactType") is { Length: > 0 };
        return string.IsNullOrEmpty(os) || string.IsNullOrEmpty(architecture)
            ? new(descriptor, null, isAttestation)
            : new(descriptor, Platform.Of(os, architecture, platform?.Text("variant")), isAttestation);
    }

    private static Manifest ReadManifest(JsonElement root) => new(
        ReadDescriptor(root.Object("config") ?? throw new FormatException("'config' is missing")),
        [.. root.Items("layers", MaxEntries).Select(ReadDescriptor)])
    {
        Annotations = Texts(root.Object("annotations")),
    };

    private static Descriptor ReadDescriptor(JsonElement element)
    {
        if (element.ValueKind != JsonValueKind.Object)
            throw new FormatException("a descriptor is not an object");
        var digest = element.Text("digest") ?? throw new FormatException("a descriptor has no digest");
        if (!Digest.TryParse(digest, out var parsed))
            throw new FormatException($"'{Readable(digest)}' is not a digest that can be checked (sha256 or sha512)");
        var size = element.Number("size") ?? throw new FormatException("a descriptor has no size");
        if (size < 0)
            throw new FormatException("a descriptor has a negative size");
        return new(MediaTypes.Bare(element.Text("mediaType")), parsed, size, Texts(element.Object("annotations")));
    }

    private static ImmutableArray<Digest> DiffIds(JsonElement root) =>
    [
        .. (root.Object("rootfs") ?? throw new FormatException("'rootfs' is missing")).Items("diff_ids", MaxEntries).Select(id =>
            id.ValueKind == JsonValueKind.String && Digest.TryParse(id.GetString(), out var digest)
                ? digest : throw new FormatException("an entry of 'diff_ids' is not a digest")),
    ];

    private static ImmutableSortedDictionary<string, string> Labels(JsonElement root) => Texts(root.Object("config")?.Object("Labels"));

    private static ImageProcess Process(JsonElement root) => root.ValueKind == JsonValueKind.Object && root.TryGetProperty("config", out var config)
        ? new([.. Words(config, "Entrypoint"), .. Words(config, "Cmd")], [.. Words(config, "Env")], Word(config, "WorkingDir"))
        : ImageProcess.None;

    // Most images are never run by us: what is not of the right shape is not there, and no reason to refuse one.
    private static IEnumerable<string> Words(JsonElement config, string name) =>
        config.ValueKind == JsonValueKind.Object && config.TryGetProperty(name, out var list) && list.ValueKind == JsonValueKind.Array
            ? list.EnumerateArray().Take(MaxEntries).Where(w => w.ValueKind == JsonValueKind.String).Select(w => w.GetString()!)
            : [];

    private static string Word(JsonElement config, string name) =>
        config.ValueKind == JsonValueKind.Object && config.TryGetProperty(name, out var word) && word.ValueKind == JsonValueKind.String ? word.GetString()! : "";

    private static ImmutableSortedDictionary<string, string> Texts(JsonElement? map)
    {
        var texts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (map is { } found)
        {
            foreach (var member in found.EnumerateObject().Where(m => m.Value.ValueKind == JsonValueKind.String))
                texts[member.Name] = member.Value.GetString()!;
        }
        return texts.ToImmutable();
    }

    private static DateTimeOffset? Time(string? text) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time : null;

    private static Result<T> Guard<T>(string name, string what, ReadOnlyMemory<byte> json, SourceSpan? span, Func<JsonElement, Result<T>> read)
    {
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                throw new FormatException("it is not a JSON object");
            return read(document.RootElement);
        }
        catch (JsonException e)
        {
            return Fail<T>(DocumentRules.Malformed, span, name, what, $"line {e.LineNumber + 1}: {Readable(e.Message.Split(" Path:")[0].Split(" LineNumber:")[0].TrimEnd('.'))}");
        }
        // Strings that are not UTF-8 or hold a lone surrogate show themselves only when they are taken out.
        catch (Exception e) when (e is FormatException or InvalidOperationException)
        {
            return Fail<T>(DocumentRules.Malformed, span, name, what, e.Message);
        }
    }

    private static string Readable(string text)
    {
        var shown = new string([.. text.Take(120).Select(c => char.IsControl(c) ? '?' : c)]);
        return text.Length > 120 ? shown + "…" : shown;
    }

    private static Result<T> Fail<T>(Rule rule, SourceSpan? span, params ReadOnlySpan<object?> arguments) =>
        Result<T>.Failed(Diagnostic.Create(rule, span, arguments));
}
