using System.Collections.Immutable;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;

namespace Pipeline.Kit;

/// <summary>An image whose layers are arrays: nothing but blobs and their descriptors.</summary>
/// <param name="directory">Where blobs lie as local files; null serves them as streams only.</param>
/// <param name="platform">Null is linux/amd64.</param>
public sealed class BlobSource(string? directory = null, Platform? platform = null) : IImageSource
{
    private readonly Dictionary<Digest, byte[]> _blobs = [];
    private readonly List<(Descriptor Blob, Digest DiffId)> _layers = [];

    public string Name => "blobs";

    /// <summary>Adds a layer; the digests may be lied about, to see who notices.</summary>
    public BlobSource Add(byte[] tar, CompressionKind kind = CompressionKind.None, byte[]? served = null, byte[]? diff = null)
    {
        var blob = Pack(tar, kind);
        var digest = Digest.Sha256(blob);
        _blobs[digest] = served ?? blob;
        if (directory is not null)
            File.WriteAllBytes(PathOf(digest), served ?? blob);
        _layers.Add((new Descriptor("application/vnd.oci.image.layer.v1.tar", digest, blob.Length, ImmutableSortedDictionary<string, string>.Empty), Digest.Sha256(diff ?? tar)));
        return this;
    }

    public PlatformImage ToImage() => new(
        platform ?? new Platform("linux", "amd64", null), Digest.Sha256([]), Digest.Sha256([]), Digest.Sha256([]),
        [.. _layers.Select(l => l.Blob)], [.. _layers.Select(l => l.DiffId)], ImmutableSortedDictionary<string, string>.Empty, null);

    public Task<Result<Digest>> LookAsync(CancellationToken ct) => throw new NotSupportedException();

    public Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct) => Task.FromResult<Result<PlatformImage>>(ToImage());

    public Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct) => Task.FromResult<Stream>(new MemoryStream(_blobs[blob.Digest]));

    public LocalBlob? FindLocal(Descriptor blob) => directory is null ? null : new(PathOf(blob.Digest), 0, new FileInfo(PathOf(blob.Digest)).Length);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    public static byte[] Pack(byte[] bytes, CompressionKind kind)
    {
        if (kind == CompressionKind.None)
            return bytes;
        var packed = new MemoryStream();
        using (var encoder = Compression.OpenEncoder(kind, packed, new EncoderOptions(null, 2)))
            encoder.Write(bytes);
        return packed.ToArray();
    }

    private string PathOf(Digest digest) => Path.Combine(directory!, digest.Hex);
}
