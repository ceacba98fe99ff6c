using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Erofs.Packing;
using Pipeline.Disk.Erofs.Placing;
using Pipeline.Disk.Erofs.Records;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs;

/// <summary>
/// An erofs that is packed: it lies in a scratch file and is copied from there. Disposing it gives the scratch file back;
/// <see cref="Content"/> lives no longer than that.
/// </summary>
public sealed class ErofsWriter : IFileSystemWriter, IDisposable
{
    private const int CopyBytes = 64 << 20;

    private readonly ScratchFile _scratch;
    private readonly byte[] _firstBlock;
    private readonly Placement _placement;

    private ErofsWriter(ScratchFile scratch, byte[] firstBlock, Placement placement) => (_scratch, _firstBlock, _placement) = (scratch, firstBlock, placement);

    public long LengthBytes => _scratch.LengthBytes;

    /// <summary>The whole file system, to be put as a file into another one.</summary>
    public FileContent Content => FileContent.Of(_scratch.Source, 0, LengthBytes);

    public IEnumerable<Region> Regions() => _placement.Regions();

    /// <summary>Reads, packs and writes everything once, into scratch. Equal files are kept once.</summary>
    /// <returns>A complaint where the result is longer than the room there is.</returns>
    public static Result<ErofsWriter> Pack(ErofsLayout layout, PackContext context, CancellationToken ct)
    {
        var scratch = ScratchFile.Create(context.ScratchDirectory, "erofs");
        try
        {
            scratch.Append(new byte[Placement.ContentBlockOf(layout) * BlockBytes]);
            var packed = PackedContents.Pack(layout, scratch, context, ct);
            var placement = new Placement(layout, packed);
            DiagnosticBag bag = new();
            bag.AddRange(layout.Refuse(placement.BlockCount));
            if (!bag.HasErrors)
                return Finish(layout, placement, scratch, (context.Parallelism, ct));
            scratch.Dispose();
            return Result<ErofsWriter>.Failed(bag.ToImmutable());
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }

    /// <summary>Copies what is packed, but for its first block.</summary>
    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sink.LengthBytes, LengthBytes);
        for (long at = BlockBytes; at < LengthBytes;)
        {
            ct.ThrowIfCancellationRequested();
            var count = Math.Min(CopyBytes - at % CopyBytes, LengthBytes - at);
            sink.CopyFrom(_scratch.Source, at, at, count);
            at += count;
        }
    }

    /// <summary>Writes the superblock.</summary>
    public void Seal(IBlockSink sink, CancellationToken ct) => sink.Write(0, _firstBlock);

    public void Dispose() => _scratch.Dispose();

    private static ErofsWriter Finish(ErofsLayout layout, Placement placement, ScratchFile scratch, (int Parallelism, CancellationToken Ct) run)
    {
        scratch.Extend(placement.BlockCount * BlockBytes);
        new MetadataWriter(layout, placement, scratch.Write).Write(run.Parallelism, run.Ct);
        var firstBlock = new byte[BlockBytes];
        new SuperBlock(layout, placement).WriteTo(firstBlock);
        scratch.WriteStart(firstBlock);
        return new(scratch, firstBlock, placement);
    }
}
