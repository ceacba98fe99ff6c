using System.Collections.Immutable;
using System.Formats.Tar;
using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;

namespace Pipeline.Kit;

/// <summary>How a layer is packed. <see cref="Zstd"/> asks the real <c>zstd</c>.</summary>
public enum Packing
{
    None,
    Gzip,
    Zstd,
}

/// <summary>A layer as it was written.</summary>
public sealed record WrittenLayer(Descriptor Descriptor, Digest DiffId);

/// <summary>
/// Writes an OCI image layout, also such as no tool would write. Layers, then images of layers, then perhaps an index of
/// images; <see cref="Tag"/> gives any of them a name and writes <c>index.json</c>.
/// </summary>
public sealed class OciLayoutWriter
{
    private readonly JsonArray _tagged = [];

    public OciLayoutWriter(string directory)
    {
        DirectoryPath = directory;
        Directory.CreateDirectory(Path.Combine(directory, "blobs", "sha256"));
        File.WriteAllText(Path.Combine(directory, "oci-layout"), """{"imageLayoutVersion":"1.0.0"}""");
    }

    public string DirectoryPath { get; }

    /// <summary>Docker's media types in place of OCI's. Only plain HTTP pushes them as they are: skopeo reads none out of a layout.</summary>
    public bool IsDocker { get; init; }

    public string BlobPath(Digest digest) => Path.Combine(DirectoryPath, "blobs", digest.Algorithm, digest.Hex);

    /// <summary>A tar of regular files, mode 0644, owner 0.</summary>
    public static byte[] TarOf(params (string Path, string Content)[] files) =>
        TarOf(files.Select(f => (TarEntry)new PaxTarEntry(TarEntryType.RegularFile, f.Path) { DataStream = new MemoryStream(Encoding.UTF8.GetBytes(f.Content)) }));

    public static byte[] TarOf(IEnumerable<TarEntry> entries)
    {
        using var bytes = new MemoryStream();
        using (var tar = new TarWriter(bytes, TarEntryFormat.Pax, leaveOpen: true))
        {
            foreach (var entry in entries)
            {
                entry.ModificationTime = entry.ModificationTime.Year > 2020 ? DateTimeOffset.UnixEpoch : entry.ModificationTime;
                tar.WriteEntry(entry);
            }
        }
        return bytes.ToArray();
    }

    public static byte[] Pack(byte[] bytes, Packing packing)
    {
        if (packing == Packing.None)
            return bytes;
        using var temp = new TempDir();
        if (packing == Packing.Zstd)
        {
            File.WriteAllBytes(temp["in"], bytes);
            Tool.Require("zstd", "-q", temp["in"], "-o", temp["out"]);
            return File.ReadAllBytes(temp["out"]);
        }
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
            gzip.Write(bytes);
        return packed.ToArray();
    }

    public WrittenLayer AddLayer(byte[] tar, Packing packing = Packing.Gzip) =>
        new(AddBlob(LayerType(packing), Pack(tar, packing)), Digest.Sha256(tar));

    public WrittenLayer AddLayer(params (string Path, string Content)[] files) => AddLayer(TarOf(files));

    public Descriptor AddBlob(string mediaType, byte[] bytes)
    {
        var digest = Digest.Sha256(bytes);
        File.WriteAllBytes(BlobPath(digest), bytes);
        return new(mediaType, digest, bytes.Length, ImmutableSortedDictionary<string, string>.Empty);
    }

    public Descriptor AddJson(string mediaType, JsonObject json) => AddBlob(mediaType, Encoding.UTF8.GetBytes(json.ToJsonString()));

    /// <summary>A manifest and its configuration.</summary>
    /// <param name="platform">Written as it stands: <c>linux/arm/v6</c>; an empty text leaves it out.</param>
    public Descriptor AddImage(string platform, IEnumerable<WrittenLayer> layers, params (string Name, string Value)[] labels) =>
        AddImage(platform, layers, [], labels);

    /// <param name="process">What the image runs: <c>Entrypoint</c>, <c>Cmd</c>, <c>Env</c>, <c>WorkingDir</c>.</param>
    public Descriptor AddImage(string platform, IEnumerable<WrittenLayer> layers, JsonObject process, params (string Name, string Value)[] labels)
    {
        var all = layers.ToList();
        var config = new JsonObject
        {
            ["created"] = "2026-01-02T03:04:05Z",
            ["config"] = new JsonObject(process.DeepClone().AsObject().Select(m => KeyValuePair.Create(m.Key, m.Value?.DeepClone()))) { ["Labels"] = new JsonObject(labels.Select(l => KeyValuePair.Create(l.Name, (JsonNode?)l.Value))) },
            ["rootfs"] = new JsonObject { ["type"] = "layers", ["diff_ids"] = new JsonArray([.. all.Select(l => (JsonNode)l.DiffId.Text)]) },
        };
        foreach (var (name, value) in PlatformOf(platform))
            config[name] = value?.DeepClone();
        return AddManifest(AddJson(IsDocker ? MediaTypes.DockerConfig : MediaTypes.OciConfig, config), all.Select(l => l.Descriptor));
    }

    public Descriptor AddManifest(Descriptor config, IEnumerable<Descriptor> layers)
    {
        var type = IsDocker ? MediaTypes.DockerManifest : MediaTypes.OciManifest;
        return AddJson(type, new JsonObject
        {
            ["schemaVersion"] = 2,
            ["mediaType"] = type,
            ["config"] = Json(config),
            ["layers"] = new JsonArray([.. layers.Select(Json)]),
        });
    }

    /// <summary>An index of images by platform; an empty platform leaves it out of the entry.</summary>
    public Descriptor AddIndex(IEnumerable<(string Platform, Descriptor Image)> images, bool hasAttestations = false)
    {
        var entries = new JsonArray();
        foreach (var (platform, image) in images)
        {
            entries.Add(Entry(image, platform));
            if (hasAttestations)
                entries.Add(Attestation(image));
        }
        var type = IsDocker ? MediaTypes.DockerList : MediaTypes.OciIndex;
        return AddJson(type, new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = type, ["manifests"] = entries });
    }

    /// <summary>Lists an image or index in <c>index.json</c>.</summary>
    /// <param name="name">Null lists it without a name.</param>
    public OciLayoutWriter Tag(string? name, Descriptor image)
    {
        var entry = Json(image);
        if (name is not null)
            entry["annotations"] = new JsonObject { ["org.opencontainers.image.ref.name"] = name };
        _tagged.Add((JsonNode)entry);
        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = _tagged.DeepClone() };
        File.WriteAllText(Path.Combine(DirectoryPath, "index.json"), index.ToJsonString());
        return this;
    }

    /// <summary>The layout as a tar, as <c>oci-archive:</c> reads it.</summary>
    public string ToArchive(string path, Packing packing = Packing.None)
    {
        using var bytes = new MemoryStream();
        TarFile.CreateFromDirectory(DirectoryPath, bytes, includeBaseDirectory: false);
        File.WriteAllBytes(path, Pack(bytes.ToArray(), packing));
        return path;
    }

    private JsonObject Attestation(Descriptor image)
    {
        var statement = AddBlob("application/vnd.in-toto+json", "{}"u8.ToArray());
        var config = AddJson(MediaTypes.OciConfig, new JsonObject { ["architecture"] = "unknown", ["os"] = "unknown" });
        var entry = Entry(AddManifest(config, [statement]), "unknown/unknown");
        entry["annotations"] = new JsonObject
        {
            ["vnd.docker.reference.type"] = "attestation-manifest",
            ["vnd.docker.reference.digest"] = image.Digest.Text,
        };
        return entry;
    }

    private static JsonObject Entry(Descriptor image, string platform)
    {
        var entry = Json(image);
        if (platform.Length > 0)
            entry["platform"] = PlatformOf(platform);
        return entry;
    }

    private static JsonObject Json(Descriptor descriptor) =>
        new() { ["mediaType"] = descriptor.MediaType, ["digest"] = descriptor.Digest.Text, ["size"] = descriptor.SizeBytes };

    private static JsonObject PlatformOf(string platform)
    {
        var parts = platform.Split('/');
        var json = new JsonObject();
        if (parts.Length >= 2)
            (json["os"], json["architecture"]) = (parts[0], parts[1]);
        if (parts.Length == 3)
            json["variant"] = parts[2];
        return json;
    }

    private string LayerType(Packing packing) => packing switch
    {
        Packing.Gzip => IsDocker ? MediaTypes.DockerLayerGzip : MediaTypes.OciLayerGzip,
        Packing.Zstd => IsDocker ? MediaTypes.DockerLayer + ".zstd" : MediaTypes.OciLayerZstd,
        _ => IsDocker ? MediaTypes.DockerLayer : MediaTypes.OciLayer,
    };
}
