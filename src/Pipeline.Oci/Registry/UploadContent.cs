using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using Pipeline.Core.Units;

namespace Pipeline.Oci.Registry;

/// <summary>The body of an upload: streamed, of a length said beforehand, and hashed on its way so that other bytes than promised break it off.</summary>
/// <param name="moved">Told of every piece that went out.</param>
public sealed class UploadContent(Func<CancellationToken, Task<Stream>> open, long sizeBytes, Digest sha256, Action<int> moved) : HttpContent
{
    private const int BufferBytes = 128 << 10;

    public static UploadContent Create(Func<CancellationToken, Task<Stream>> open, long sizeBytes, Digest sha256, Action<int> moved, string type)
    {
        var content = new UploadContent(open, sizeBytes, sha256, moved);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);
        return content;
    }

    protected override bool TryComputeLength(out long length)
    {
        length = sizeBytes;
        return true;
    }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => CopyAsync(stream, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken) => CopyAsync(stream, cancellationToken);

    private async Task CopyAsync(Stream target, CancellationToken ct)
    {
        await using var source = await open(ct);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[BufferBytes];
        var rest = sizeBytes;
        while (rest > 0)
        {
            var count = await source.ReadAsync(buffer.AsMemory(0, (int)Math.Min(buffer.Length, rest)), ct);
            if (count == 0)
                throw new InvalidDataException($"a file ends {rest} bytes early");
            hash.AppendData(buffer, 0, count);
            rest -= count;
            // The last piece goes out only when the whole is known to be right: otherwise the host would keep it.
            if (rest == 0 && Digest.FromSha256Hash(hash.GetHashAndReset()) is var actual && actual != sha256)
                throw new InvalidDataException($"a file has digest {actual}, expected {sha256}");
            await target.WriteAsync(buffer.AsMemory(0, count), ct);
            moved(count);
        }
    }
}
