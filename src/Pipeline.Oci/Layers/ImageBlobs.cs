using System.Collections.Immutable;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Sources;

namespace Pipeline.Oci.Layers;

/// <summary>The layers of an image as they are stored, hashed on the way, in scratch; disposing it gives the scratch back.</summary>
public sealed class ImageBlobs : IDisposable
{
    private const int BufferBytes = 256 << 10;
    private readonly List<ScratchFile> _scratch = [];

    private ImageBlobs()
    {
    }

    public ImmutableArray<(Descriptor Blob, FileContent Content)> Layers { get; private set; } = [];

    /// <exception cref="InvalidDataException">A blob is not what its digest says.</exception>
    public static async Task<ImageBlobs> FetchAsync(IImageSource source, PlatformImage image, string scratchDirectory, CancellationToken ct)
    {
        var blobs = new ImageBlobs();
        try
        {
            var layers = ImmutableArray.CreateBuilder<(Descriptor, FileContent)>();
            foreach (var layer in image.Layers.DistinctBy(l => l.Digest))
                layers.Add((layer, await blobs.FetchAsync(source, layer, scratchDirectory, ct).ConfigureAwait(false)));
            blobs.Layers = layers.ToImmutable();
            return blobs;
        }
        catch
        {
            blobs.Dispose();
            throw;
        }
    }

    private async Task<FileContent> FetchAsync(IImageSource source, Descriptor layer, string scratchDirectory, CancellationToken ct)
    {
        var scratch = ScratchFile.Create(scratchDirectory, "blob");
        _scratch.Add(scratch);
        var blob = await source.OpenUnverifiedAsync(layer, ct).ConfigureAwait(false);
        await using (blob.ConfigureAwait(false))
        {
            var verified = new VerifyingStream(blob, layer.Digest, layer.SizeBytes);
            await using (verified.ConfigureAwait(false))
            {
                var buffer = new byte[BufferBytes];
                for (int count; (count = await verified.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0;)
                    scratch.Append(buffer.AsSpan(0, count));
            }
        }
        return FileContent.Of(scratch.Source, 0, scratch.LengthBytes);
    }

    public void Dispose()
    {
        foreach (var scratch in _scratch)
            scratch.Dispose();
    }
}
