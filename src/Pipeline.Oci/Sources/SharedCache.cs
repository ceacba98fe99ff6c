using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Json;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;
using Pipeline.Oci.Cache;
using Pipeline.Oci.Documents;
using Pipeline.Oci.Registry;

namespace Pipeline.Oci.Sources;

/// <summary>
/// A repository in a registry through which machines share what they downloaded: asked before the registry of a source, given
/// what that brought. By digest, and hashed before anyone reads it. A failure of it never fails a build; it is said once, and
/// the rest of the run goes on without it. Thread-safe.
/// </summary>
internal sealed class SharedCache(ArtifactRepository repository, BlobCache cache, TimeSpan patience, IReporter reporter) : IAsyncDisposable
{
    private const string ArtifactType = "application/vnd.pipeline.cache.v1";
    private const string EmptyType = "application/vnd.oci.empty.v1+json";
    private const int CopyBytes = 128 << 10;
    private const int GivesAtOnce = 2;
    private readonly ConcurrentDictionary<Digest, Task> _gifts = new();
    private readonly SemaphoreSlim _gate = new(GivesAtOnce);
    private long _takenBytes;
    private int _takenCount;
    private int _givenCount;
    private int _told;
    private volatile bool _isDeaf;
    private volatile bool _isReadOnly;

    /// <summary>Brings a blob into the local cache, whole and hashed; false where the shared one does not have it, or fails.</summary>
    public async Task<bool> FetchAsync(Descriptor blob, CancellationToken ct)
    {
        if (_isDeaf || blob.Digest.Algorithm != "sha256")
            return false;
        return await TryAsync(async limit =>
        {
            await using var stream = await repository.OpenBlobAsync(blob.Digest, blob.SizeBytes, limit.Token);
            using var writer = cache.Begin(blob.Digest, blob.SizeBytes);
            var buffer = new byte[CopyBytes];
            for (int count; (count = await stream.ReadAsync(buffer, limit.Token)) > 0; limit.CancelAfter(patience))
                writer.Write(buffer.AsSpan(0, count));
            writer.Commit();
            Count(blob.SizeBytes);
        }, blob.Digest, ct);
    }

    /// <summary>A manifest or an index, hashed; null where the shared cache does not have it, or fails.</summary>
    public async Task<byte[]?> ReadDocumentAsync(Digest digest, CancellationToken ct)
    {
        byte[]? document = null;
        if (_isDeaf || digest.Algorithm != "sha256")
            return null;
        await TryAsync(async limit =>
        {
            document = await repository.FindBlobAsync(digest, DocumentReader.MaxDocumentBytes, limit.Token);
            if (document is not null)
                Count(document.Length);
        }, digest, ct);
        return document;
    }

    /// <summary>Sends a blob of the local cache, beside all other work. Returns at once.</summary>
    public void Give(Digest digest, long sizeBytes)
    {
        if (!_isReadOnly && digest.Algorithm == "sha256")
            _gifts.GetOrAdd(digest, d => Task.Run(() => GiveAsync(d, sizeBytes)));
    }

    /// <summary>Waits for what is on its way, as long as it moves.</summary>
    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(_gifts.Values);
        if (_takenCount + _givenCount > 0)
            reporter.Announce(string.Create(CultureInfo.InvariantCulture, $"shared cache {repository.Name}: {_takenCount} taken ({new ByteSize(_takenBytes)}), {_givenCount} given"));
        _gate.Dispose();
    }

    private void Count(long bytes)
    {
        Interlocked.Increment(ref _takenCount);
        Interlocked.Add(ref _takenBytes, bytes);
    }

    /// <summary>True where it was done; failures are told here.</summary>
    private async Task<bool> TryAsync(Func<CancellationTokenSource, Task> act, Digest digest, CancellationToken ct)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(patience);
        try
        {
            await act(limit);
            return true;
        }
        catch (HttpRequestException e) when (e.StatusCode == System.Net.HttpStatusCode.NotFound)
        {
            return false;
        }
        catch (Exception e) when (e is InvalidDataException || (e as RegistryRefusedException)?.Diagnostic.Rule == DocumentRules.DigestMismatch)
        {
            reporter.Diagnose(Diagnostic.Create(SourceRules.SharedCacheDamaged, null, repository.Name, digest, e.Message));
            return false;
        }
        catch (Exception e) when (IsOutside(e, ct))
        {
            _isDeaf = _isReadOnly = true;
            Tell(e);
            return false;
        }
    }

    private async Task GiveAsync(Digest digest, long sizeBytes)
    {
        using var pin = cache.Pin(digest);
        await _gate.WaitAsync();
        using var limit = new CancellationTokenSource();
        limit.CancelAfter(patience);
        try
        {
            if (!_isReadOnly && cache.Find(digest, sizeBytes) is { } path)
                await SendAsync(BlobBytes.OfFile(path, digest, sizeBytes), limit);
        }
        catch (Exception e) when (e is RegistryRefusedException)
        {
            // Who may only read has the better part of it.
            _isReadOnly = true;
            if (Interlocked.Exchange(ref _told, 1) == 0)
                reporter.Announce($"the shared cache {repository.Name} takes nothing from here: {e.Message}");
        }
        catch (Exception e) when (IsOutside(e, CancellationToken.None))
        {
            _isReadOnly = true;
            Tell(e);
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>The blob, and a manifest that names it: what nothing names, registries throw away.</summary>
    private async Task SendAsync(BlobBytes blob, CancellationTokenSource limit)
    {
        var tag = "blob-" + blob.Digest.Hex;
        if (await repository.HeadAsync(tag, limit.Token) is not null)
            return;
        await blob.PushToAsync(repository, _ => limit.CancelAfter(patience), limit.Token);
        limit.CancelAfter(patience);
        var empty = BlobBytes.Of("{}"u8.ToArray());
        await empty.PushToAsync(repository, _ => { }, limit.Token);
        await repository.PutManifestAsync(tag, Manifest(blob, empty), MediaTypes.OciManifest, limit.Token);
        Interlocked.Increment(ref _givenCount);
    }

    private void Tell(Exception e)
    {
        if (Interlocked.Exchange(ref _told, 1) == 0)
            reporter.Diagnose(Diagnostic.Create(SourceRules.SharedCacheFailed, null, repository.Name, e is OperationCanceledException ? $"nothing moved for {patience.TotalSeconds} s" : e.Message));
    }

    private static bool IsOutside(Exception e, CancellationToken ct) =>
        e is HttpRequestException or IOException or UnauthorizedAccessException || (e is OperationCanceledException && !ct.IsCancellationRequested);

    /// <summary>image-spec, "Guidelines for Artifact Usage".</summary>
    private static byte[] Manifest(BlobBytes blob, BlobBytes empty) => JsonForm.Line(json =>
    {
        json.WriteNumber("schemaVersion", 2);
        json.WriteString("mediaType", MediaTypes.OciManifest);
        json.WriteString("artifactType", ArtifactType);
        json.WriteStartObject("config");
        WriteDescriptor(json, EmptyType, empty);
        json.WriteEndObject();
        json.WriteStartArray("layers");
        json.WriteStartObject();
        WriteDescriptor(json, "application/octet-stream", blob);
        json.WriteEndObject();
        json.WriteEndArray();
    });

    private static void WriteDescriptor(Utf8JsonWriter json, string type, BlobBytes blob)
    {
        json.WriteString("mediaType", type);
        json.WriteString("digest", blob.Digest.Text);
        json.WriteNumber("size", blob.SizeBytes);
    }
}
