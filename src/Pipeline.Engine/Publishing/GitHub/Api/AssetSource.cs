using Pipeline.Core.Units;

namespace Pipeline.Engine.Publishing.GitHub.Api;

/// <summary>A file that a release shall have, and where its bytes come from. Its digest is known before anything is sent.</summary>
/// <param name="Open">A fresh stream of exactly <paramref name="SizeBytes"/> bytes for each try. The caller disposes it.</param>
internal sealed record AssetSource(string Name, long SizeBytes, Digest Sha256, Func<CancellationToken, Task<Stream>> Open)
{
    public string ContentType => Path.GetExtension(Name) switch
    {
        ".json" => "application/json",
        ".md" => "text/markdown; charset=utf-8",
        ".zst" => "application/zstd",
        ".xz" => "application/x-xz",
        ".gz" => "application/gzip",
        _ => Name is ReleaseDocuments.Checksums || Name.EndsWith(LargeFiles.ListSuffix, StringComparison.Ordinal) ? "text/plain; charset=utf-8" : "application/octet-stream",
    };

    public static AssetSource OfFile(string name, long sizeBytes, Digest sha256, string path) => OfPart(name, path, new(0, sizeBytes), sha256);

    public static AssetSource OfPart(string name, string path, Range part, Digest sha256) =>
        new(name, part.LengthBytes, sha256, _ => Task.FromResult<Stream>(new FilePart(path, part.StartBytes, part.LengthBytes)));

    public static AssetSource OfBytes(string name, byte[] content) =>
        new(name, content.Length, Digest.Sha256(content), _ => Task.FromResult<Stream>(new MemoryStream(content, writable: false)));

    /// <summary>Older servers tell no digest; there the length must do, as an upload that broke never comes to <c>uploaded</c>.</summary>
    public bool IsAlready(GitHubAsset asset) =>
        asset.Name == Name && asset.State == GitHubAsset.Uploaded && asset.Size == SizeBytes && (asset.Digest is null || asset.Digest == Sha256.Text);

    internal readonly record struct Range(long StartBytes, long LengthBytes);
}

/// <summary>A part of a file, read from its beginning to its end.</summary>
internal sealed class FilePart : Stream
{
    private readonly FileStream _file;
    private readonly long _length;
    private long _position;

    public FilePart(string path, long startBytes, long lengthBytes)
    {
        _file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.Asynchronous | FileOptions.SequentialScan);
        _file.Position = startBytes;
        _length = lengthBytes;
    }

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => _length;

    public override long Position
    {
        get => _position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var count = await _file.ReadAsync(buffer[..(int)Math.Min(buffer.Length, _length - _position)], cancellationToken);
        _position += count;
        return count;
    }

    public override int Read(byte[] buffer, int offset, int count)
    {
        var read = _file.Read(buffer, offset, (int)Math.Min(count, _length - _position));
        _position += read;
        return read;
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            _file.Dispose();
        base.Dispose(disposing);
    }
}
