using System.Collections.Concurrent;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Cache;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Platforms;
using Pipeline.Oci.References;
using Pipeline.Oci.Registry;

namespace Pipeline.Oci.Sources;

/// <summary>
/// An image in a registry. What <see cref="LookAsync"/> saw last is what is selected afterwards, so that a tag that moves
/// in between does not mix two images.
/// </summary>
internal sealed class RegistrySource(ImageReference reference, RegistryClient client, KeptBlobs kept, RetryPolicy retry, SourceSpan? span)
    : IImageSource, IDocumentSource
{
    private const int WholeBlobBytes = 1 << 20;
    private const int CopyBytes = 128 << 10;
    private readonly BlobCache _cache = kept.Cache;
    private readonly Memo _memo = kept.Memo;
    private readonly ConcurrentDictionary<Digest, IDisposable> _pins = new();
    private volatile Digest? _looked;

    public string Name => reference.Name;

    public SourceSpan? Span => span;

    private string Question => $"tag {reference.Name}";

    public Task<Result<Digest>> LookAsync(CancellationToken ct) => GuardAsync<Digest>(async () =>
    {
        if (reference.Digest is { } pinned)
            return _looked = pinned;
        if (kept.IsOffline)
            return _looked = Digest.TryParse(_memo.Recall(Question), out var last) ? last : throw new RegistryException(RegistryRules.Offline, Name);
        var digest = await client.HeadAsync(reference.Tag!, ct) ?? Keep(await client.GetAsync(reference.Tag!, ct));
        _memo.Remember(Question, digest.Text);
        return _looked = digest;
    });

    public Task<Result<PlatformImage>> SelectAsync(Platform platform, CancellationToken ct) => new ImageSelector(this).SelectAsync(platform, ct);

    public async Task<Stream> OpenUnverifiedAsync(Descriptor blob, CancellationToken ct)
    {
        if (OpenCached(blob) is { } cached)
            return cached;
        if (kept.IsOffline)
            throw new HttpRequestException($"the blob {blob.Digest} of {Name} is not in the cache and the network is switched off");
        var held = await _cache.LockAsync(blob.Digest, ct);
        try
        {
            if (OpenCached(blob) is { } fetched)
            {
                held?.Dispose();
                return fetched;
            }
            if (held is not null && kept.Shared is not null && await kept.Shared.FetchAsync(blob, ct) && OpenCached(blob) is { } shared)
            {
                held.Dispose();
                return shared;
            }
            var network = await StartAsync(blob, ct);
            if (held is null)
                return network;
            var tee = Tee(network, blob, held);
            return blob.SizeBytes > WholeBlobBytes ? tee : await FetchWholeAsync(tee, blob, ct);
        }
        catch (RegistryException e)
        {
            held?.Dispose();
            throw new HttpRequestException(e.Message, e);
        }
        catch
        {
            held?.Dispose();
            throw;
        }
    }

    public LocalBlob? FindLocal(Descriptor blob)
    {
        Pin(blob.Digest);
        return _cache.Find(blob.Digest, blob.SizeBytes) is { } path ? new(path, 0, blob.SizeBytes) { IsSettled = true } : null;
    }

    public void Reject(Descriptor blob) => _cache.Discard(blob.Digest);

    public Task<Result<RootDocument>> ReadRootAsync(CancellationToken ct) => GuardAsync<RootDocument>(async () =>
    {
        var looked = _looked;
        if (looked is null)
        {
            var look = await LookAsync(ct);
            if (!look.IsOk)
                return Result<RootDocument>.Failed(look.Diagnostics);
            looked = look.Value!;
        }
        var (bytes, type) = await ReadManifestAsync(looked, ct);
        var document = DocumentReader.ReadImage(Name, type, bytes, span);
        return document.IsOk ? new RootDocument(looked, document.Value!) : Result<RootDocument>.Failed(document.Diagnostics);
    });

    public Task<Result<ReadOnlyMemory<byte>>> ReadDocumentAsync(Descriptor descriptor, CancellationToken ct) => GuardAsync<ReadOnlyMemory<byte>>(async () =>
    {
        if (descriptor.SizeBytes > DocumentReader.MaxDocumentBytes)
            throw new RegistryException(DocumentRules.TooLarge, Name, "document", new ByteSize(DocumentReader.MaxDocumentBytes));
        if (MediaTypes.IsIndex(descriptor.MediaType) || MediaTypes.IsManifest(descriptor.MediaType))
            return (await ReadManifestAsync(descriptor.Digest, ct)).Bytes;
        if (_cache.ReadDocument(descriptor.Digest, DocumentReader.MaxDocumentBytes) is { } cached)
            return new ReadOnlyMemory<byte>(cached);
        if (kept.IsOffline)
            throw new RegistryException(RegistryRules.Offline, Name);
        if (kept.Shared is not null && await kept.Shared.FetchAsync(descriptor, ct) && _cache.ReadDocument(descriptor.Digest, DocumentReader.MaxDocumentBytes) is { } shared)
            return new ReadOnlyMemory<byte>(shared);
        await using var blob = await StartAsync(descriptor, ct);
        var bytes = new byte[descriptor.SizeBytes];
        await blob.ReadExactlyAsync(bytes, ct);
        var actual = BlobWriter.HashOf(descriptor.Digest, bytes);
        if (actual != descriptor.Digest)
            throw new RegistryException(DocumentRules.DigestMismatch, Name, descriptor.Digest, actual);
        Keep(descriptor.Digest, bytes);
        return new ReadOnlyMemory<byte>(bytes);
    });

    public ValueTask DisposeAsync()
    {
        foreach (var pin in _pins.Values)
            pin.Dispose();
        return ValueTask.CompletedTask;
    }

    private TeeStream Tee(Stream network, Descriptor blob, IDisposable held)
    {
        try
        {
            return new TeeStream(network, _cache.Begin(blob.Digest, blob.SizeBytes), held) { Committed = () => kept.Shared?.Give(blob.Digest, blob.SizeBytes) };
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    private FileStream? OpenCached(Descriptor blob)
    {
        Pin(blob.Digest);
        return _cache.TryOpenUnverified(blob.Digest, blob.SizeBytes);
    }

    private void Pin(Digest digest)
    {
        var pin = _cache.Pin(digest);
        if (!_pins.TryAdd(digest, pin))
            pin.Dispose();
    }

    private async Task<Stream> StartAsync(Descriptor blob, CancellationToken ct)
    {
        var stream = new ResumingStream((from, token) => client.OpenBlobAsync(blob.Digest, from, token), blob.Digest, blob.SizeBytes, retry);
        try
        {
            await stream.StartAsync(ct);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <summary>Small blobs do not wait for their reader: others may want them now.</summary>
    private async Task<Stream> FetchWholeAsync(TeeStream tee, Descriptor blob, CancellationToken ct)
    {
        await using (tee)
        {
            var buffer = new byte[Math.Min(CopyBytes, blob.SizeBytes + 1)];
            while (await tee.ReadAsync(buffer, ct) > 0)
            {
            }
        }
        return OpenCached(blob) ?? await StartAsync(blob, ct);
    }

    /// <summary>The media type of a cached manifest is the one that it states, or that its members show.</summary>
    private async Task<(ReadOnlyMemory<byte> Bytes, string MediaType)> ReadManifestAsync(Digest digest, CancellationToken ct)
    {
        if (_cache.ReadDocument(digest, DocumentReader.MaxDocumentBytes) is { } cached)
            return (cached, "");
        if (kept.IsOffline)
            throw new RegistryException(RegistryRules.Offline, Name);
        if (kept.Shared is not null && await kept.Shared.ReadDocumentAsync(digest, ct) is { } shared)
        {
            _cache.StoreDocument(digest, shared);
            return (shared, "");
        }
        var fetched = await client.GetAsync(digest.Text, ct);
        Keep(fetched);
        return (fetched.Bytes, fetched.MediaType);
    }

    private Digest Keep(FetchedDocument document)
    {
        Keep(document.Digest, document.Bytes.Span);
        return document.Digest;
    }

    private void Keep(Digest digest, ReadOnlySpan<byte> bytes)
    {
        _cache.StoreDocument(digest, bytes);
        kept.Shared?.Give(digest, bytes.Length);
    }

    private async Task<Result<T>> GuardAsync<T>(Func<Task<Result<T>>> act)
    {
        try
        {
            return await act();
        }
        catch (RegistryException e)
        {
            return Result<T>.Failed(e.At(span));
        }
        catch (InvalidDataException e)
        {
            return Result<T>.Failed(Diagnostic.Create(DocumentRules.Malformed, span, Name, "configuration", e.Message));
        }
    }
}

/// <summary>Where what registries gave is kept.</summary>
/// <param name="Shared">Null where there is none.</param>
internal sealed record KeptBlobs(BlobCache Cache, Memo Memo, SharedCache? Shared, bool IsOffline);
