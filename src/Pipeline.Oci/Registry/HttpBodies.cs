namespace Pipeline.Oci.Registry;

/// <summary>Bodies of a bounded size.</summary>
internal static class HttpBodies
{
    /// <summary>The whole body; null when it is longer than <paramref name="maxBytes"/>.</summary>
    public static async Task<byte[]?> ReadBoundedAsync(this HttpContent content, int maxBytes, CancellationToken ct)
    {
        if (content.Headers.ContentLength > maxBytes)
            return null;
        await using var stream = await content.ReadAsStreamAsync(ct);
        using var body = new MemoryStream();
        var buffer = new byte[16 << 10];
        int count;
        while ((count = await stream.ReadAsync(buffer, ct)) > 0)
        {
            if (body.Length + count > maxBytes)
                return null;
            body.Write(buffer, 0, count);
        }
        return body.ToArray();
    }
}
