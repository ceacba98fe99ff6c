using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Disk;

/// <summary>
/// A file system whose length is known because it is packed: it lies in a scratch file and is copied from there. Disposing
/// it gives the scratch file back; <see cref="Content"/> lives no longer than that.
/// </summary>
public sealed class PackedFileSystem : IFileSystemWriter, IDisposable
{
    private const int CopyBytes = 64 << 20;

    private readonly ScratchFile _scratch;
    private readonly byte[] _start;
    private readonly IReadOnlyList<Region> _regions;

    /// <param name="scratch">The whole file system, its first bytes too. This object owns it.</param>
    /// <param name="start">The first bytes, with the superblock: written last.</param>
    internal PackedFileSystem(ScratchFile scratch, byte[] start, IReadOnlyList<Region> regions) => (_scratch, _start, _regions) = (scratch, start, regions);

    public long LengthBytes => _scratch.LengthBytes;

    /// <summary>The whole file system, to be put as a file into another one.</summary>
    public FileContent Content => FileContent.Of(_scratch.Source, 0, LengthBytes);

    public IEnumerable<Region> Regions() => _regions;

    /// <summary>Copies what is packed, but for its first bytes.</summary>
    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sink.LengthBytes, LengthBytes);
        for (long at = _start.Length; at < LengthBytes;)
        {
            ct.ThrowIfCancellationRequested();
            var count = Math.Min(CopyBytes - at % CopyBytes, LengthBytes - at);
            sink.CopyFrom(_scratch.Source, at, at, count);
            at += count;
        }
    }

    /// <summary>Writes the superblock.</summary>
    public void Seal(IBlockSink sink, CancellationToken ct) => sink.Write(0, _start);

    public void Dispose() => _scratch.Dispose();

    /// <summary>Packs into a scratch file that is given back unless a file system comes of it.</summary>
    /// <param name="kind">The format's name.</param>
    internal static Result<PackedFileSystem> Make(PackContext context, string kind, Func<ScratchFile, Result<PackedFileSystem>> pack)
    {
        var scratch = ScratchFile.Create(context.ScratchDirectory, kind);
        try
        {
            var packed = pack(scratch);
            if (!packed.IsOk)
                scratch.Dispose();
            return packed;
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }
}
