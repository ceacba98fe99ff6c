using System.Collections.Immutable;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>An image of a store.</summary>
/// <param name="TopLayer">Empty for a list of images.</param>
/// <param name="Digests">Of its manifests; several where it was pulled out of a list.</param>
internal sealed record StoredImage(string Id, ImmutableArray<string> Names, string TopLayer, ImmutableArray<Digest> Digests);

/// <param name="Digest">Of the uncompressed layer; null where the store does not say.</param>
internal sealed record StoredLayer(string Id, string? Parent, Digest? Digest, long? SizeBytes);

/// <summary>
/// One store on disk: its lists of images and layers, and its small documents. The lists are replaced by rename, so they
/// are read without the store's locks. Unknown members are passed over: the form of the store grows.
/// </summary>
internal sealed class StorageStore
{
    private const int MaxListBytes = 256 << 20;
    private const int MaxItems = 1_000_000;
    private const int MaxNames = 10_000;
    private static readonly string[] Drivers = ["overlay", "vfs", "btrfs", "zfs", "aufs", "devicemapper"];
    private static readonly JsonDocumentOptions Lenient = new() { MaxDepth = 32 };

    private StorageStore(string root, string driver) => (Root, Driver) = (root, driver);

    public string Root { get; }

    public string Driver { get; }

    public bool IsReadable => Driver is "overlay" or "vfs";

    public ImmutableArray<StoredImage> Images { get; private set; } = [];

    /// <param name="driver">Null is the one that the directory shows.</param>
    /// <returns>Null where there is no store.</returns>
    /// <exception cref="InvalidDataException">Its lists are not of the form that is known.</exception>
    public static StorageStore? Open(string root, string? driver)
    {
        var found = Drivers.Where(d => driver is null || d == driver || (d == "overlay" && driver == "overlay2"))
            .FirstOrDefault(d => Directory.Exists(Path.Combine(root, d + "-images")));
        if (found is null)
            return null;
        var store = new StorageStore(root, found);
        if (store.IsReadable)
            store.Images = store.ReadList($"{found}-images", "images.json", ReadImage);
        return store;
    }

    /// <summary>All layers by their id.</summary>
    public Dictionary<string, StoredLayer> ReadLayers()
    {
        var layers = ReadList($"{Driver}-layers", "layers.json", ReadLayer).Concat(ReadList($"{Driver}-layers", "volatile-layers.json", ReadLayer));
        return layers.DistinctBy(l => l.Id, StringComparer.Ordinal).ToDictionary(l => l.Id, StringComparer.Ordinal);
    }

    /// <summary>A document that is kept beside an image: <c>manifest</c>, or the configuration by its digest. Null where it is not there.</summary>
    public byte[]? ReadDocument(StoredImage image, string key)
    {
        var file = new FileInfo(Path.Combine(Root, $"{Driver}-images", image.Id, FileName(key)));
        if (!file.Exists)
            return null;
        return file.Length <= DocumentReader.MaxDocumentBytes
            ? File.ReadAllBytes(file.FullName)
            : throw new InvalidDataException($"its document '{key}' has {file.Length} bytes");
    }

    /// <summary>The recipe of a layer's tar.</summary>
    public string TarSplitPath(string layer) => Path.Combine(Root, $"{Driver}-layers", layer + ".tar-split.gz");

    /// <summary>The directory that holds the files of a layer (vfs: of all layers below as well).</summary>
    public string FilesPath(string layer) => Driver == "vfs" ? Path.Combine(Root, "vfs", "dir", layer) : Path.Combine(Root, "overlay", layer, "diff");

    /// <summary>Plain words are file names; whatever else is a '=' and its base64.</summary>
    private static string FileName(string key) =>
        key.All(c => char.IsAsciiLetterOrDigit(c) || c == '.') ? key : "=" + Convert.ToBase64String(Encoding.UTF8.GetBytes(key));

    private ImmutableArray<T> ReadList<T>(string folder, string name, Func<JsonElement, T> read)
    {
        var file = new FileInfo(Path.Combine(Root, folder, name));
        if (!file.Exists)
            return [];
        if (file.Length > MaxListBytes)
            throw new InvalidDataException($"its {name} has {file.Length} bytes");
        try
        {
            using var json = JsonDocument.Parse(File.ReadAllBytes(file.FullName), Lenient);
            if (json.RootElement.ValueKind == JsonValueKind.Null)
                return [];
            return [.. json.RootElement.EnumerateArray().Take(MaxItems).Select(read)];
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException)
        {
            throw new InvalidDataException($"its {name} is not of the form that is known ({e.Message})", e);
        }
    }

    private static StoredImage ReadImage(JsonElement image)
    {
        var digests = new List<Digest>();
        if (Digest.TryParse(image.Text("digest"), out var first))
            digests.Add(first);
        foreach (var member in image.Object("big-data-digests")?.EnumerateObject() ?? default)
        {
            if (member.Name.StartsWith("manifest", StringComparison.Ordinal) && Digest.TryParse(member.Value.GetString(), out var digest))
                digests.Add(digest);
        }
        return new(
            Id(image.Text("id")), [.. image.Items("names", MaxNames).Select(n => n.GetString() ?? "")], Id(image.Text("layer") ?? ""), [.. digests.Distinct()]);
    }

    private static StoredLayer ReadLayer(JsonElement layer)
    {
        var digest = Digest.TryParse(layer.Text("diff-digest"), out var found) ? found : null;
        return new(Id(layer.Text("id")), layer.Text("parent") is { Length: > 0 } parent ? Id(parent) : null, digest, layer.Number("diff-size"));
    }

    /// <summary>Ids become parts of paths.</summary>
    private static string Id(string? text) => text is not null && text.All(char.IsAsciiLetterOrDigit)
        ? text
        : throw new FormatException("an id is not made of letters and digits");
}
