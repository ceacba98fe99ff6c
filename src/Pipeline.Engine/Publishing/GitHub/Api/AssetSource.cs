using Pipeline.Core.Streams;
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
        new(name, part.LengthBytes, sha256, _ => Task.FromResult<Stream>(new FileRangeStream(path, part.StartBytes, part.LengthBytes)));

    public static AssetSource OfBytes(string name, byte[] content) =>
        new(name, content.Length, Digest.Sha256(content), _ => Task.FromResult<Stream>(new MemoryStream(content, writable: false)));

    /// <summary>Older servers tell no digest; there the length must do, as an upload that broke never comes to <c>uploaded</c>.</summary>
    public bool IsAlready(GitHubAsset asset) =>
        asset.Name == Name && asset.State == GitHubAsset.Uploaded && asset.Size == SizeBytes && (asset.Digest is null || asset.Digest == Sha256.Text);

    internal readonly record struct Range(long StartBytes, long LengthBytes);
}
