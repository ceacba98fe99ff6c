using System.Collections.Immutable;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;

namespace Pipeline.Oci.Registry;

/// <summary>A registry refuses something for a reason that trying again does not mend.</summary>
public sealed class RegistryRefusedException(Diagnostic diagnostic) : IOException($"{diagnostic.Rule.Code}: {diagnostic.Message}")
{
    public Diagnostic Diagnostic => diagnostic;
}

/// <param name="Body">Makes the content to send, for each try anew; of exactly <paramref name="SizeBytes"/> bytes.</param>
/// <param name="Watch">Told the limit of time, which sent bytes move on.</param>
public sealed record BlobUpload(Digest Digest, long SizeBytes, Func<HttpContent> Body, Action<CancellationTokenSource> Watch);

/// <summary>
/// One repository of a registry, read and written: distribution-spec, "Push". Everything may be repeated: a blob is looked
/// for before it is sent. Methods throw <see cref="HttpRequestException"/> and <see cref="RegistryRefusedException"/>.
/// </summary>
public sealed class ArtifactRepository
{
    private const int MaxTries = 5;
    private const int PageSize = 1000;
    private const int MaxPages = 100;
    private const int MaxTagBytes = 8 << 20;
    private const string SubjectHeader = "OCI-Subject";
    private readonly RegistryTransport _transport;
    private readonly RegistryEndpoint _endpoint;

    internal ArtifactRepository(RegistryTransport transport, RegistryEndpoint endpoint) => (_transport, _endpoint) = (transport, endpoint);

    /// <summary>As users write it.</summary>
    public string Name => _endpoint.Name;

    /// <summary>All tags; none where there is no such repository yet.</summary>
    public Task<ImmutableArray<string>> TagsAsync(CancellationToken ct) => GuardAsync(async () =>
    {
        var tags = ImmutableArray.CreateBuilder<string>();
        Uri? next = _endpoint.Tags(PageSize);
        for (var page = 0; next is not null && page < MaxPages; page++)
        {
            using var response = await _transport.SendAsync(new(HttpMethod.Get, _endpoint, next) { BodyLimitBytes = MaxTagBytes }, ct);
            if (response.StatusCode == HttpStatusCode.NotFound)
                break;
            await RequireAsync(response, ct);
            tags.AddRange(Read(await response.Content.ReadBoundedAsync(MaxTagBytes, ct)));
            next = NextOf(response, next);
        }
        return tags.ToImmutable();
    });

    /// <summary>What a tag points at; null where there is none.</summary>
    public Task<Digest?> HeadAsync(string tag, CancellationToken ct) => GuardAsync(async () =>
    {
        using var response = await _transport.SendAsync(new(HttpMethod.Head, _endpoint, _endpoint.Manifest(tag), MediaTypes.Accepted), ct);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        await RequireAsync(response, ct);
        return response.Headers.TryGetValues("Docker-Content-Digest", out var values) && Digest.TryParse(values.First(), out var digest)
            ? digest
            : await FindManifestAsync(tag, ct) is { } manifest ? Digest.Sha256(manifest) : null;
    });

    /// <summary>A manifest by tag or digest, as it came; null where there is none.</summary>
    public Task<byte[]?> FindManifestAsync(string selector, CancellationToken ct) => GuardAsync(async () =>
    {
        using var response = await _transport.SendAsync(new(HttpMethod.Get, _endpoint, _endpoint.Manifest(selector), MediaTypes.Accepted) { BodyLimitBytes = DocumentReader.MaxDocumentBytes }, ct);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        await RequireAsync(response, ct);
        var bytes = await response.Content.ReadBoundedAsync(DocumentReader.MaxDocumentBytes, ct)
            ?? throw new RegistryException(DocumentRules.TooLarge, $"{Name}:{selector}", "manifest", new ByteSize(DocumentReader.MaxDocumentBytes));
        return Digest.TryParse(selector, out var expected) && Digest.Sha256(bytes) != expected
            ? throw new RegistryException(DocumentRules.DigestMismatch, $"{Name}@{selector}", expected, Digest.Sha256(bytes))
            : bytes;
    });

    /// <summary>A small blob, verified.</summary>
    public Task<byte[]> ReadBlobAsync(Digest digest, int limitBytes, CancellationToken ct) => GuardAsync(async () =>
    {
        using var response = await _transport.SendAsync(new(HttpMethod.Get, _endpoint, _endpoint.Blob(digest.Text)) { BodyLimitBytes = limitBytes }, ct);
        await RequireAsync(response, ct);
        return await ReadAsync(response, digest, limitBytes, ct);
    });

    /// <summary>A small blob, verified; null where it is not there.</summary>
    public Task<byte[]?> FindBlobAsync(Digest digest, int limitBytes, CancellationToken ct) => GuardAsync(async () =>
    {
        using var response = await _transport.SendAsync(new(HttpMethod.Get, _endpoint, _endpoint.Blob(digest.Text)), ct);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        await RequireAsync(response, ct);
        return await ReadAsync(response, digest, limitBytes, ct);
    });

    /// <summary>A blob that goes on where a connection breaks, not hashed. The caller disposes it.</summary>
    public Task<Stream> OpenBlobAsync(Digest digest, long sizeBytes, CancellationToken ct) => GuardAsync<Stream>(async () =>
    {
        var client = new RegistryClient(_transport, _endpoint, []);
        var stream = new ResumingStream((from, token) => client.OpenBlobAsync(digest, from, token), digest, sizeBytes, _transport.Retry);
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
    });

    public Task<bool> HasBlobAsync(Digest digest, CancellationToken ct) => GuardAsync(async () =>
    {
        using var response = await _transport.SendAsync(new(HttpMethod.Head, _endpoint, _endpoint.Blob(digest.Text)), ct);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return false;
        await RequireAsync(response, ct);
        return true;
    });

    /// <summary>Sends a blob unless it is there; each new try begins a new upload.</summary>
    public Task PushBlobAsync(BlobUpload blob, CancellationToken ct) => GuardAsync(async () =>
    {
        for (var attempt = 1; !await HasBlobAsync(blob.Digest, ct); attempt++)
        {
            try
            {
                if (await TryPushAsync(blob, ct))
                    return true;
            }
            catch (HttpRequestException) when (attempt < MaxTries)
            {
            }
            if (attempt >= MaxTries)
                throw new HttpRequestException($"{_endpoint.Host} did not take a blob of {Name} in {MaxTries} tries");
            await _transport.Retry.WaitAsync(RetryPolicy.Backoff(attempt), $"{_endpoint.Host} did not take a blob of {Name}", ct);
        }
        return false;
    });

    /// <param name="selector">A tag, or the manifest's digest.</param>
    /// <returns>Whether the registry keeps the list of referrers of what the manifest is about (distribution-spec, "Pushing Manifests with Subject").</returns>
    public Task<bool> PutManifestAsync(string selector, byte[] manifest, string mediaType, CancellationToken ct) => GuardAsync(async () =>
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                var call = new RegistryCall(HttpMethod.Put, _endpoint, _endpoint.Manifest(selector)) { Content = () => Content(manifest, mediaType) };
                using var response = await _transport.SendAsync(call, ct);
                if (response.IsSuccessStatusCode)
                    return response.Headers.Contains(SubjectHeader);
                if (!RetryPolicy.IsPassing(response.StatusCode) || attempt >= MaxTries)
                    throw await RegistryFailure.ExplainAsync(_transport, _endpoint, response, ct);
            }
            catch (HttpRequestException) when (attempt < MaxTries)
            {
            }
            await _transport.Retry.WaitAsync(RetryPolicy.Backoff(attempt), $"{_endpoint.Host} did not take a manifest of {Name}", ct);
        }
    });

    /// <summary>
    /// The index of what refers to a manifest, as it came: from the API, or where there is none from the tag that stands in for
    /// it (distribution-spec, "Unavailable Referrers API"). Null where nothing refers to it.
    /// </summary>
    public Task<byte[]?> FindReferrersAsync(Digest subject, CancellationToken ct) => GuardAsync(async () =>
    {
        using var response = await _transport.SendAsync(new(HttpMethod.Get, _endpoint, _endpoint.Referrers(subject.Text), MediaTypes.OciIndex) { BodyLimitBytes = DocumentReader.MaxDocumentBytes }, ct);
        if (response.IsSuccessStatusCode)
            return await response.Content.ReadBoundedAsync(DocumentReader.MaxDocumentBytes, ct);
        return response.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed
            ? await FindManifestAsync(ReferrersTag(subject), ct)
            : throw await RegistryFailure.ExplainAsync(_transport, _endpoint, response, ct);
    });

    /// <summary>What stands in for the API: <c>sha256-…</c>.</summary>
    public static string ReferrersTag(Digest subject) => $"{subject.Algorithm}-{subject.Hex[..64]}";

    /// <summary>Deletes a manifest and its tags. False where the registry does not allow it.</summary>
    public Task<bool> DeleteAsync(Digest digest, CancellationToken ct) => GuardAsync(async () =>
    {
        using var response = await _transport.SendAsync(new(HttpMethod.Delete, _endpoint, _endpoint.Manifest(digest.Text)), ct);
        if (response.StatusCode is HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented)
            return false;
        if (response.StatusCode != HttpStatusCode.NotFound)
            await RequireAsync(response, ct);
        return true;
    });

    private async Task<bool> TryPushAsync(BlobUpload blob, CancellationToken ct)
    {
        using var begun = await _transport.SendAsync(new(HttpMethod.Post, _endpoint, _endpoint.Uploads) { Content = () => new ByteArrayContent([]) }, ct);
        if (!begun.IsSuccessStatusCode || begun.Headers.Location is not { } location)
            return RetryPolicy.IsPassing(begun.StatusCode) ? false : throw await RegistryFailure.ExplainAsync(_transport, _endpoint, begun, ct);
        var target = new UriBuilder(new Uri(_endpoint.Uploads, location));
        if (RedirectGuard.Complaint(_endpoint, target.Uri) is { } complaint)
            throw new RegistryException(RegistryRules.UnsafeRedirect, _endpoint.Host, RedirectGuard.Shown(target.Uri), complaint);
        target.Query = $"{target.Query.TrimStart('?')}&digest={Uri.EscapeDataString(blob.Digest.Text)}".TrimStart('&');
        using var response = await _transport.SendAsync(new(HttpMethod.Put, _endpoint, target.Uri) { Content = blob.Body, Watch = blob.Watch }, ct);
        if (!response.IsSuccessStatusCode && !RetryPolicy.IsPassing(response.StatusCode) && response.StatusCode != HttpStatusCode.NotFound)
            throw await RegistryFailure.ExplainAsync(_transport, _endpoint, response, ct);
        return response.IsSuccessStatusCode;
    }

    private async Task<byte[]> ReadAsync(HttpResponseMessage response, Digest digest, int limitBytes, CancellationToken ct)
    {
        var bytes = await response.Content.ReadBoundedAsync(limitBytes, ct)
            ?? throw new RegistryException(DocumentRules.TooLarge, $"{Name}@{digest}", "blob", new ByteSize(limitBytes));
        return Digest.Sha256(bytes) == digest ? bytes : throw new RegistryException(DocumentRules.DigestMismatch, $"{Name}@{digest}", digest, Digest.Sha256(bytes));
    }

    private async Task RequireAsync(HttpResponseMessage response, CancellationToken ct)
    {
        if (!response.IsSuccessStatusCode)
            throw await RegistryFailure.ExplainAsync(_transport, _endpoint, response, ct);
    }

    private static ByteArrayContent Content(byte[] bytes, string mediaType) => new(bytes) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } };

    private ImmutableArray<string> Read(byte[]? json)
    {
        try
        {
            using var document = JsonDocument.Parse(json ?? []);
            return !document.RootElement.TryGetProperty("tags", out var tags) || tags.ValueKind != JsonValueKind.Array
                ? []
                : [.. tags.EnumerateArray().Select(t => t.GetString() ?? "").Where(t => t.Length is > 0 and <= 128)];
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new RegistryException(RegistryRules.OddAnswer, _endpoint.Host, "a request for tags", "not JSON");
        }
    }

    private Uri? NextOf(HttpResponseMessage response, Uri current)
    {
        var link = response.Headers.TryGetValues("Link", out var values) ? values.First() : "";
        return link.IndexOf('>', StringComparison.Ordinal) is > 1 and var end && link.Contains("rel=\"next\"", StringComparison.Ordinal)
            && Uri.TryCreate(current, link[1..end], out var next) && next.Authority == _endpoint.Root.Authority && next.Scheme == _endpoint.Root.Scheme ? next : null;
    }

    private static async Task<T> GuardAsync<T>(Func<Task<T>> act)
    {
        try
        {
            return await act();
        }
        catch (RegistryException e)
        {
            throw new RegistryRefusedException(e.At(null));
        }
    }
}
