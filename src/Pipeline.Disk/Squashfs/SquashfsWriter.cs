using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Pouring;
using Pipeline.Disk.Squashfs.Packing;
using Pipeline.Disk.Squashfs.Records;
using static Pipeline.Disk.Squashfs.SquashfsFormat;

namespace Pipeline.Disk.Squashfs;

/// <summary>
/// A squashfs whose length is known because it is packed: it lies in a scratch file and is copied from there. Disposing
/// it gives the scratch file back; <see cref="Content"/> lives no longer than that.
/// </summary>
public sealed class SquashfsWriter : IFileSystemWriter, IDisposable
{
    private const int CopyBytes = 64 << 20;

    private readonly ScratchFile _scratch;
    private readonly byte[] _superBlock;
    private readonly IReadOnlyList<Region> _regions;

    private SquashfsWriter(ScratchFile scratch, byte[] superBlock, IReadOnlyList<Region> regions) =>
        (_scratch, _superBlock, _regions) = (scratch, superBlock, regions);

    public long LengthBytes => _scratch.LengthBytes;

    /// <summary>The whole file system, to be put as a file into another one.</summary>
    public FileContent Content => FileContent.Of(_scratch.Source, 0, LengthBytes);

    public IEnumerable<Region> Regions() => _regions;

    /// <summary>Reads, packs and writes everything once, into scratch.</summary>
    /// <returns>A complaint where the result is longer than the room there is.</returns>
    /// <exception cref="MissingLibraryException">The system lacks the library that packs.</exception>
    public static Result<SquashfsWriter> Pack(SquashfsLayout layout, PackContext context, CancellationToken ct)
    {
        var scratch = ScratchFile.Create(context.ScratchDirectory, "squashfs");
        try
        {
            var writer = Pack(layout, context, scratch, ct);
            if (layout.Options.MaxLengthBytes is not { } most || writer.LengthBytes <= most)
                return writer;
            scratch.Dispose();
            return Result<SquashfsWriter>.Failed(
                Diagnostic.Create(SquashfsRules.TooSmall, layout.Span, writer.LengthBytes, most, writer.LengthBytes - most));
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }

    /// <summary>Copies what is packed, but for its first bytes.</summary>
    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sink.LengthBytes, LengthBytes);
        for (long at = SuperBlockBytes; at < LengthBytes;)
        {
            ct.ThrowIfCancellationRequested();
            var count = Math.Min(CopyBytes - at % CopyBytes, LengthBytes - at);
            sink.CopyFrom(_scratch.Source, at, at, count);
            at += count;
        }
    }

    /// <summary>Writes the superblock.</summary>
    public void Seal(IBlockSink sink, CancellationToken ct) => sink.Write(0, _superBlock);

    public void Dispose() => _scratch.Dispose();

    private static SquashfsWriter Pack(SquashfsLayout layout, PackContext context, ScratchFile scratch, CancellationToken ct)
    {
        var superBlock = new byte[SuperBlockBytes];
        scratch.Append(superBlock);
        scratch.Append(CompressorOptions.Of(layout.Options));
        var regions = new List<Region> { new(0, scratch.LengthBytes, "superblock") };
        var contents = new PackedContents(layout);
        contents.SetOriginals(DuplicateFinder.Run(contents.Files, context.Parallelism, ct));
        BlockPipeline.Run(contents, layout.Options, scratch, context, ct);
        if (scratch.LengthBytes > regions[0].EndBytes)
            regions.Add(new(regions[0].EndBytes, scratch.LengthBytes - regions[0].EndBytes, "contents"));
        var tables = new TableWriter(layout, contents, scratch);
        tables.Write(ct).WriteTo(superBlock);
        scratch.WriteStart(superBlock);
        scratch.Append(new byte[-scratch.LengthBytes & (PaddingBytes - 1)]);
        return new(scratch, superBlock, [.. regions, .. tables.Regions]);
    }
}
