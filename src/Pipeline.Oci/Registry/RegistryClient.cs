using System.Collections.Immutable;
using System.Net;
using Pipeline.Core.Units;
using Pipeline.Oci.Cache;
using Pipeline.Oci.Documents;

namespace Pipeline.Oci.Registry;

/// <summary>A manifest or index as it came, hashed.</summary>
internal sealed record FetchedDocument(ReadOnlyMemory<byte> Bytes, string MediaType, Digest Digest);

/// <summary>
/// One repository, at the registry and its mirrors. Tags are asked of the registry itself, as a mirror may lag behind;
/// what has a digest may come from anywhere, mirrors first.
/// </summary>
internal sealed class RegistryClient(RegistryTransport transport, RegistryEndpoint primary, ImmutableArray<RegistryEndpoint> mirrors)
{
    private const string DigestHeader = "Docker-Content-Digest";

    /// <summary>What a tag points at, by HEAD, which no registry counts as a pull. Null where the answer does not tell.</summary>
    public async Task<Digest?> HeadAsync(string tag, CancellationToken ct)
    {
        using var response = await transport.SendAsync(new(HttpMethod.Head, primary, primary.Manifest(tag), MediaTypes.Accepted), ct);
        if (response.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
            return null;
        if (!response.IsSuccessStatusCode)
            throw await RegistryFailure.ExplainManifestAsync(transport, primary, response, tag, ct);
        var type = MediaTypes.Bare(response.Content.Headers.ContentType?.ToString());
        if (MediaTypes.IsSchema1(type))
            throw new RegistryException(DocumentRules.Schema1, $"{primary.Name}:{tag}");
        return response.Headers.TryGetValues(DigestHeader, out var values) && Digest.TryParse(values.First(), out var digest) ? digest : null;
    }

    /// <summary>A document by tag or digest. By digest it hashes to that digest; by tag to what the registry says, if it says.</summary>
    public async Task<FetchedDocument> GetAsync(string selector, CancellationToken ct)
    {
        var isDigest = Digest.TryParse(selector, out var expected);
        foreach (var mirror in isDigest ? mirrors : [])
        {
            if (await QuietlyAsync(() => GetAsync(mirror, selector, expected, ct)) is { } found)
                return found;
        }
        return await GetAsync(primary, selector, expected, ct);
    }

    /// <summary>The answer to a request for a blob from a byte on: 200 or 206. The caller disposes it.</summary>
    public async Task<HttpResponseMessage> OpenBlobAsync(Digest digest, long fromByte, CancellationToken ct)
    {
        foreach (var mirror in mirrors)
        {
            if (await QuietlyAsync(() => OpenBlobAsync(mirror, digest, fromByte, ct)) is { } found)
                return found;
        }
        return await OpenBlobAsync(primary, digest, fromByte, ct);
    }

    private async Task<FetchedDocument> GetAsync(RegistryEndpoint endpoint, string selector, Digest? expected, CancellationToken ct)
    {
        using var response = await transport.SendAsync(new(HttpMethod.Get, endpoint, endpoint.Manifest(selector), MediaTypes.Accepted) { BodyLimitBytes = DocumentReader.MaxDocumentBytes }, ct);
        if (!response.IsSuccessStatusCode)
            throw await RegistryFailure.ExplainManifestAsync(transport, endpoint, response, selector, ct);
        var type = MediaTypes.Bare(response.Content.Headers.ContentType?.ToString());
        if (type == "text/html")
            throw new RegistryException(RegistryRules.WebPage, endpoint.Host);
        var name = endpoint.Name + (expected is null ? ":" : "@") + selector;
        var bytes = await response.Content.ReadBoundedAsync(DocumentReader.MaxDocumentBytes, ct)
            ?? throw new RegistryException(DocumentRules.TooLarge, name, "manifest", new ByteSize(DocumentReader.MaxDocumentBytes));
        expected ??= response.Headers.TryGetValues(DigestHeader, out var values) && Digest.TryParse(values.First(), out var said) ? said : null;
        var actual = expected is null ? Digest.Sha256(bytes) : BlobWriter.HashOf(expected, bytes);
        if (expected is not null && actual != expected)
            throw new RegistryException(DocumentRules.DigestMismatch, name, expected, actual);
        return new(bytes, type, actual);
    }

    private async Task<HttpResponseMessage> OpenBlobAsync(RegistryEndpoint endpoint, Digest digest, long fromByte, CancellationToken ct)
    {
        var response = await transport.SendAsync(new(HttpMethod.Get, endpoint, endpoint.Blob(digest.Text), null, fromByte), ct);
        if (response.StatusCode is HttpStatusCode.OK or HttpStatusCode.PartialContent)
            return response;
        using (response)
        {
            throw response.StatusCode == HttpStatusCode.NotFound
                ? new HttpRequestException($"{endpoint.Name} lacks the blob {digest}, which its manifest names; it was pushed incompletely", null, response.StatusCode)
                : await RegistryFailure.ExplainAsync(transport, endpoint, response, ct);
        }
    }

    /// <summary>A mirror that fails in any way is passed over; the registry itself has the last word.</summary>
    private static async Task<T?> QuietlyAsync<T>(Func<Task<T>> ask)
        where T : class
    {
        try
        {
            return await ask();
        }
        catch (Exception e) when (e is HttpRequestException or RegistryException)
        {
            return null;
        }
    }
}
