using System.Text;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Publishing.GitHub.Api;

/// <param name="Next">The next page; null for the last.</param>
internal sealed record CachedPage(string ETag, string? Next, byte[] Body);

/// <summary>
/// Pages of lists with their ETags, in files. GitHub does not count an answer 304, so a round in which nothing changed is
/// nearly free. What cannot be read or written is as if it were not there.
/// </summary>
internal sealed class PageCache(string directory)
{
    /// <summary>A hundred releases, each with the longest text and a thousand files, stay below.</summary>
    public const int LimitBytes = 256 << 20;

    private const int MaxHeaderCharacters = 4096;

    public async Task<CachedPage?> ReadAsync(Uri uri, CancellationToken ct)
    {
        try
        {
            var bytes = await File.ReadAllBytesAsync(PathOf(uri), ct);
            var first = Array.IndexOf(bytes, (byte)'\n');
            var second = first < 0 ? -1 : Array.IndexOf(bytes, (byte)'\n', first + 1);
            if (second is < 0 or > MaxHeaderCharacters || !bytes.AsSpan(bytes.Length - 64).SequenceEqual(Check(bytes.AsSpan(0, bytes.Length - 64))))
                return null;
            var next = Encoding.UTF8.GetString(bytes, first + 1, second - first - 1);
            return new(Encoding.UTF8.GetString(bytes, 0, first), next.Length > 0 ? next : null, bytes[(second + 1)..^64]);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    public async Task WriteAsync(Uri uri, CachedPage page, CancellationToken ct)
    {
        byte[] bytes = [.. Encoding.UTF8.GetBytes($"{page.ETag}\n{page.Next}\n"), .. page.Body];
        await PrivateFile.WriteAsync(PathOf(uri), [.. bytes, .. Check(bytes)], ct);
    }

    private string PathOf(Uri uri) => Path.Combine(directory, Digest.Sha256(Encoding.UTF8.GetBytes(uri.AbsoluteUri)).Hex);

    /// <summary>A machine that lost power may leave a file of the right length and the wrong bytes.</summary>
    private static byte[] Check(ReadOnlySpan<byte> content) => Encoding.ASCII.GetBytes(Digest.Sha256(content).Hex);
}
