using System.Security.Cryptography;
using System.Text;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Building;

/// <summary>
/// What every identifier of an image is derived from: all that decides its content (the uncompressed layers, the
/// manifest and the board), and nothing of how that was packed, called or delivered.
/// </summary>
internal static class BuildSeed
{
    private const string DeliveryPrefix = "output.";

    public static byte[] Of(Target target, PlatformImage image)
    {
        var text = new StringBuilder();
        text.Append($"engine.format={EngineFormat.Version}\n");
        foreach (var layer in image.DiffIds)
            text.Append($"layer={layer.Text}\n");
        foreach (var (name, value) in ManifestInputs.Of(target.Image, target.Board, target.Output))
        {
            if (!name.StartsWith(DeliveryPrefix, StringComparison.Ordinal))
                text.Append($"{name}={value}\n");
        }
        // Disks of one board that can lie in one machine must not have the same identifiers.
        if (target.Output.IsLive)
            text.Append($"kind={target.Output.Kind}\n");
        foreach (var blob in target.BlobImages)
            text.Append($"blob {blob.Blob} manifest={blob.Image.ManifestDigest.Text}\n");
        if (target.Payload is { } payload)
            text.Append($"payload manifest={payload.ManifestDigest.Text}\n");
        return SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString()));
    }
}
