namespace Pipeline.Core.Files;

/// <summary>Files that somebody names and that are small by what they are. Pipes and devices have no length that could be asked for first.</summary>
public static class SmallFile
{
    /// <summary>The text in UTF-8, or as its byte order mark says; null where the file goes on after <paramref name="limitBytes"/>.</summary>
    /// <exception cref="IOException">It is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read, or is a directory.</exception>
    public static async Task<string?> ReadTextAsync(string path, int limitBytes, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        var bytes = new byte[limitBytes + 1];
        var count = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, ct);
        if (count > limitBytes)
            return null;
        using var text = new StreamReader(new MemoryStream(bytes, 0, count));
        return await text.ReadToEndAsync(ct);
    }
}
