namespace Pipeline.Engine.Publishing;

/// <summary>Bodies of answers, up to a limit.</summary>
internal static class BoundedBody
{
    /// <summary>Reads the body now; whoever reads it afterwards finds it in memory, without what its headers said.</summary>
    /// <exception cref="InvalidDataException">It is longer.</exception>
    /// <exception cref="HttpRequestException">The connection broke.</exception>
    public static async Task FetchAsync(HttpResponseMessage response, int limitBytes, CancellationToken ct)
    {
        var content = response.Content;
        response.Content = new ByteArrayContent(await ReadAsync(content, limitBytes, ct));
        content.Dispose();
    }

    /// <exception cref="InvalidDataException">It is longer.</exception>
    /// <exception cref="HttpRequestException">The connection broke.</exception>
    public static async Task<byte[]> ReadAsync(HttpContent content, int limitBytes, CancellationToken ct)
    {
        if (content.Headers.ContentLength > limitBytes)
            throw new InvalidDataException($"an answer is longer than {limitBytes} bytes");
        try
        {
            await using var stream = await content.ReadAsStreamAsync(ct);
            return await ReadAsync(stream, limitBytes, ct);
        }
        catch (IOException e)
        {
            // A reset is a plain one; an end that came too early is an HttpIOException.
            throw new HttpRequestException((e as HttpIOException)?.HttpRequestError ?? HttpRequestError.ResponseEnded, "the connection broke within an answer", e);
        }
    }

    /// <exception cref="InvalidDataException">It is longer.</exception>
    public static async Task<byte[]> ReadAsync(Stream stream, int limitBytes, CancellationToken ct)
    {
        using var body = new MemoryStream();
        var buffer = new byte[64 << 10];
        for (int count; (count = await stream.ReadAsync(buffer, ct)) > 0;)
        {
            if (body.Length + count > limitBytes)
                throw new InvalidDataException($"an answer is longer than {limitBytes} bytes");
            body.Write(buffer, 0, count);
        }
        return body.ToArray();
    }
}
