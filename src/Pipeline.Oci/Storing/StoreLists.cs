using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Sources;

namespace Pipeline.Oci.Storing;

/// <summary>A layer as the store's list has it.</summary>
/// <param name="Id">The diff-id of the lowest; above it, the digest over the id below and the diff-id.</param>
internal sealed record StoredLayerEntry(string Id, string? Parent, Digest DiffId, long LengthBytes, Descriptor Blob)
{
    public ImmutableArray<uint> Uids { get; init; } = [];

    public ImmutableArray<uint> Gids { get; init; } = [];
}

/// <summary>The lists of a store, and the documents beside an image.</summary>
internal static class StoreLists
{
    private const string ManifestKey = "manifest";

    public static byte[] Layers(ImmutableArray<StoredLayerEntry> layers, UnixTime clock) => List(json =>
    {
        foreach (var layer in layers)
        {
            json.WriteStartObject();
            json.WriteString("id", layer.Id);
            if (layer.Parent is { } parent)
                json.WriteString("parent", parent);
            json.WriteString("created", Time(clock.Seconds));
            json.WriteString("compressed-diff-digest", layer.Blob.Digest.Text);
            json.WriteNumber("compressed-size", layer.Blob.SizeBytes);
            json.WriteString("diff-digest", layer.DiffId.Text);
            json.WriteNumber("diff-size", layer.LengthBytes);
            json.WriteNumber("compression", PackingNumber(layer.Blob.MediaType));
            WriteNumbers(json, "uidset", layer.Uids);
            WriteNumbers(json, "gidset", layer.Gids);
            json.WriteEndObject();
        }
    });

    public static byte[] Images(StoreImage stored, string topLayer, UnixTime clock) => List(json =>
    {
        var (image, documents) = (stored.Image, Documents(stored.Image));
        json.WriteStartObject();
        json.WriteString("id", image.ConfigDigest.Hex);
        json.WriteString("digest", image.ManifestDigest.Text);
        json.WriteStartArray("names");
        json.WriteStringValue(stored.Name);
        json.WriteEndArray();
        json.WriteString("layer", topLayer);
        json.WriteString("metadata", "{}");
        json.WriteStartArray("big-data-names");
        foreach (var (key, _) in documents)
            json.WriteStringValue(key);
        json.WriteEndArray();
        json.WriteStartObject("big-data-sizes");
        foreach (var (key, bytes) in documents)
            json.WriteNumber(key, bytes.Length);
        json.WriteEndObject();
        json.WriteStartObject("big-data-digests");
        foreach (var (key, bytes) in documents)
            json.WriteString(key, Digest.Sha256(bytes).Text);
        json.WriteEndObject();
        json.WriteString("created", Time(image.Created?.ToUnixTimeSeconds() ?? clock.Seconds));
        json.WriteEndObject();
    });

    /// <summary>In the order of their keys.</summary>
    public static ImmutableArray<(string Key, byte[] Bytes)> Documents(PlatformImage image)
    {
        var documents = image.Originals ?? throw new ArgumentException("an image without its documents");
        var manifest = documents.ManifestJson.ToArray();
        return [(ManifestKey, manifest), ($"{ManifestKey}-{image.ManifestDigest.Text}", manifest), (image.ConfigDigest.Text, documents.ConfigJson.ToArray())];
    }

    /// <summary>Plain words are file names; whatever else is a '=' and its base64.</summary>
    public static string FileName(string key) =>
        key.All(c => char.IsAsciiLetterOrDigit(c) || c == '.') ? key : "=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(key));

    /// <summary>As the packages of containers/storage count them.</summary>
    private static int PackingNumber(string mediaType) => mediaType switch
    {
        _ when mediaType.EndsWith("zstd", StringComparison.Ordinal) => 4,
        _ when mediaType.EndsWith("gzip", StringComparison.Ordinal) => 2,
        _ => 0,
    };

    private static string Time(long seconds) => DateTimeOffset.FromUnixTimeSeconds(seconds).ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static byte[] List(Action<Utf8JsonWriter> write)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartArray();
            write(json);
            json.WriteEndArray();
        }
        return bytes.ToArray();
    }

    private static void WriteNumbers(Utf8JsonWriter json, string name, ImmutableArray<uint> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
            json.WriteNumberValue(number);
        json.WriteEndArray();
    }
}
