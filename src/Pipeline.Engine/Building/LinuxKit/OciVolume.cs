using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Pipeline.Core.Files;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Layers;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>An image of one platform with its layers, on its way into a volume.</summary>
internal sealed record StoredImage(PlatformImage Image, ImageBlobs Blobs);

/// <summary>
/// A volume that holds an image as it is: an OCI image layout with the documents and layers unchanged, so that digests
/// stay what they are. image-spec, "OCI Image Layout".
/// </summary>
internal static class OciVolume
{
    private const string RefName = "org.opencontainers.image.ref.name";

    /// <param name="name">What the image is called in the layout.</param>
    /// <param name="images">One a platform, all with their original documents.</param>
    public static FileTree Make(string name, IReadOnlyList<StoredImage> images)
    {
        var tree = new FileTree(FileTree.NewDirectory(ImageFilter.Clock));
        var entries = new JsonArray();
        foreach (var (image, blobs) in images)
        {
            var documents = image.Originals!;
            Set(tree, documents.Manifest.Digest, FileContent.Of(documents.ManifestJson.ToArray()));
            Set(tree, documents.Config.Digest, FileContent.Of(documents.ConfigJson.ToArray()));
            foreach (var (blob, content) in blobs.Layers)
                Set(tree, blob.Digest, content);
            entries.Add(Entry(documents.Manifest, image.Platform));
        }
        var index = entries.Count == 1 ? (JsonObject)entries[0]!.DeepClone() : Index(tree, entries);
        index["annotations"] = new JsonObject { [RefName] = name };
        var root = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = new JsonArray(index) };
        tree.Set("/index.json", ImageFilter.File(root.ToJsonString()));
        tree.Set("/oci-layout", ImageFilter.File("""{"imageLayoutVersion":"1.0.0"}"""));
        return tree;
    }

    /// <summary>Several platforms are one image by way of an index of their own.</summary>
    private static JsonObject Index(FileTree tree, JsonArray entries)
    {
        var index = new JsonObject { ["schemaVersion"] = 2, ["mediaType"] = MediaTypes.OciIndex, ["manifests"] = entries };
        var json = Encoding.UTF8.GetBytes(index.ToJsonString());
        var digest = Digest.FromSha256Hash(SHA256.HashData(json));
        Set(tree, digest, FileContent.Of(json));
        return new() { ["mediaType"] = MediaTypes.OciIndex, ["digest"] = digest.Text, ["size"] = json.Length };
    }

    private static JsonObject Entry(Descriptor manifest, Platform platform)
    {
        var named = new JsonObject { ["architecture"] = platform.Architecture, ["os"] = platform.Os };
        if (platform.Variant is { } variant)
            named["variant"] = variant;
        return new() { ["mediaType"] = manifest.MediaType, ["digest"] = manifest.Digest.Text, ["size"] = manifest.SizeBytes, ["platform"] = named };
    }

    private static void Set(FileTree tree, Digest digest, FileContent content) => tree.Set(
        $"/blobs/{digest.Algorithm}/{digest.Hex}", new RegularFile { Content = content, Permissions = ImageFilter.FilePermissions, Mtime = ImageFilter.Clock });
}
