using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.Sources;

namespace Pipeline.Bench;

/// <summary>The one image of an OCI layout that make-input wrote; no more than the measurements need.</summary>
internal sealed class Layout(string directory) : IImageSource
{
    public string Name => directory;

    public string PathOf(Digest digest) => Path.Combine(directory, "blobs", digest.Algorithm, digest.Hex);

    public PlatformImage Read()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, "index.json")));
        var manifestDigest = DigestOf(index.RootElement.GetProperty("manifests")[0]);
        using var manifest = JsonDocument.Parse(File.ReadAllBytes(PathOf(manifestDigest)));
        var configDigest = DigestOf(manifest.RootElement.GetProperty("config"));
        using var config = JsonDocument.Parse(File.ReadAllBytes(PathOf(configDigest)));
        var none = ImmutableSortedDictionary<string, string>.Empty;
        var layers = manifest.RootElement.GetProperty("layers").EnumerateArray().Select(l =>
            new Descriptor(l.GetProperty("mediaType").GetString()!, DigestOf(l), l.GetProperty("size").GetInt64(), none));
        var diffIds = config.RootElement.GetProperty("rootfs").GetProperty("diff_ids").EnumerateArray().Select(d => Digest.Parse(d.GetString()!));
        return new(new Platform("linux", "amd64", null), manifestDigest, manifestDigest, configDigest, [.. layers], [.. diffIds], none, null);
    }

    public Task<Result<Digest>> LookAsync(CancellationToken ct) => Task.FromResult<Result<Digest>>(Read().LookDigest);

    public Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct) => Task.FromResult<Result<PlatformImage>>(Read());

    public Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct) => Task.FromResult<Stream>(File.OpenRead(PathOf(blob.Digest)));

    public LocalBlob? FindLocal(Descriptor blob) => new(PathOf(blob.Digest), 0, new FileInfo(PathOf(blob.Digest)).Length);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private static Digest DigestOf(JsonElement descriptor) => Digest.Parse(descriptor.GetProperty("digest").GetString()!);
}
