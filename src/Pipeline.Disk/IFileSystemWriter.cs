using Pipeline.Core.Blocks;

namespace Pipeline.Disk;

/// <summary>
/// A file system whose every size and offset is decided and whose bytes are not written yet. Made by the <c>Place</c>
/// of a format's layout (pure, no I/O but the reading of contents that are small); then poured, then sealed.
/// </summary>
public interface IFileSystemWriter
{
    /// <summary>The length of the file system; a sink for it has exactly this length.</summary>
    long LengthBytes { get; }

    /// <summary>The map: where what lies. In bytes from the start of the file system.</summary>
    IEnumerable<Region> Regions();

    /// <summary>Writes the contents of the files; every byte once, in any order, on up to <paramref name="parallelism"/> threads.</summary>
    void Pour(IBlockSink sink, int parallelism, CancellationToken ct);

    /// <summary>Writes tables and checksums, and last of all what makes it a file system. Called once, after <see cref="Pour"/>.</summary>
    void Seal(IBlockSink sink, CancellationToken ct);
}
