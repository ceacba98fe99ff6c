namespace Pipeline.Oci.Registry;

/// <summary>Bodies of a bounded size.</summary>
internal static class HttpBodies
{
    private static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(60);

    /// <summary>
    /// Reads the body of a small answer while its request can still be tried again; whoever reads it afterwards finds it in
    /// memory. One that is longer than <paramref name="maxBytes"/> is still longer afterwards.
    /// </summary>
    /// <exception cref="HttpRequestException">The connection broke, or nothing arrived.</exception>
    public static async Task BufferAsync(this HttpResponseMessage response, int maxBytes, CancellationToken ct)
    {
        var content = response.Content;
        if (content.Headers.ContentLength > maxBytes)
            return;
        var whole = new ByteArrayContent(await content.ReadBoundedAsync(maxBytes, ct) ?? new byte[maxBytes + 1]);
        foreach (var (name, values) in content.Headers.NonValidated)
        {
            if (!name.Equals("Content-Length", StringComparison.OrdinalIgnoreCase))
                whole.Headers.TryAddWithoutValidation(name, values);
        }
        response.Content = whole;
        content.Dispose();
    }

    /// <summary>The whole body; null when it is longer than <paramref name="maxBytes"/>.</summary>
    /// <exception cref="HttpRequestException">The connection broke, or nothing arrived.</exception>
    public static async Task<byte[]?> ReadBoundedAsync(this HttpContent content, int maxBytes, CancellationToken ct)
    {
        if (content.Headers.ContentLength > maxBytes)
            return null;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(StallLimit);
        try
        {
            return await ReadAsync(content, maxBytes, limit);
        }
        catch (IOException e)
        {
            // A reset is a plain one; an end that came too early is an HttpIOException.
            throw new HttpRequestException((e as HttpIOException)?.HttpRequestError ?? HttpRequestError.ResponseEnded, "the connection broke within an answer", e);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            throw new HttpRequestException($"an answer stood still for {StallLimit.TotalSeconds} s");
        }
    }

    private static async Task<byte[]?> ReadAsync(HttpContent content, int maxBytes, CancellationTokenSource limit)
    {
        await using var stream = await content.ReadAsStreamAsync(limit.Token);
        using var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        int count;
        while ((count = await stream.ReadAsync(buffer, limit.Token)) > 0)
        {
            if (body.Length + count > maxBytes)
                return null;
            body.Write(buffer, 0, count);
            limit.CancelAfter(StallLimit);
        }
        return body.ToArray();
    }
}
