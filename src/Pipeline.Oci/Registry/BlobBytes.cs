using Pipeline.Core.Units;

namespace Pipeline.Oci.Registry;

/// <summary>A blob that can be sent, and sent again.</summary>
/// <param name="Open">Gives its bytes from the first one on; the sender disposes the stream.</param>
public sealed record BlobBytes(Digest Digest, long SizeBytes, Func<CancellationToken, Task<Stream>> Open)
{
    private static readonly TimeSpan Stall = TimeSpan.FromMinutes(2);

    public static BlobBytes Of(byte[] bytes) => new(Digest.Sha256(bytes), bytes.Length, _ => Task.FromResult<Stream>(new MemoryStream(bytes, writable: false)));

    public static BlobBytes OfFile(string path, Digest digest, long sizeBytes) => new(
        digest, sizeBytes, _ => Task.FromResult<Stream>(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1 << 16, FileOptions.SequentialScan)));

    /// <summary>Sends it unless it is there. Other bytes than the digest promises break it off, and so does a connection on which nothing moves.</summary>
    /// <param name="moved">Told of every piece that went out.</param>
    /// <exception cref="InvalidDataException">The bytes are not those of the digest.</exception>
    public Task PushToAsync(ArtifactRepository repository, Action<int> moved, CancellationToken ct)
    {
        CancellationTokenSource? watch = null;
        void Moved(int count)
        {
            moved(count);
            watch?.CancelAfter(Stall);
        }
        return repository.PushBlobAsync(
            new(Digest, SizeBytes, () => UploadContent.Create(Open, SizeBytes, Digest, Moved, "application/octet-stream"), limit => (watch = limit).CancelAfter(Stall)), ct);
    }
}
