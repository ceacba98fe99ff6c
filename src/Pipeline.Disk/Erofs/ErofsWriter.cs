using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Disk.Erofs.Packing;
using Pipeline.Disk.Erofs.Placing;
using Pipeline.Disk.Erofs.Records;
using static Pipeline.Disk.Erofs.ErofsFormat;

namespace Pipeline.Disk.Erofs;

/// <summary>Packs an erofs.</summary>
public static class ErofsWriter
{
    /// <summary>Reads, packs and writes everything once, into scratch. Equal files are kept once.</summary>
    /// <returns>A complaint where the result is longer than the room there is.</returns>
    public static Result<PackedFileSystem> Pack(ErofsLayout layout, PackContext context, CancellationToken ct) => PackedFileSystem.Make(context, "erofs", scratch =>
    {
        scratch.Append(new byte[Placement.ContentBlockOf(layout) * BlockBytes]);
        var placement = new Placement(layout, PackedContents.Pack(layout, scratch, context, ct));
        DiagnosticBag bag = new();
        bag.AddRange(layout.Refuse(placement.BlockCount));
        if (bag.HasErrors)
            return Result<PackedFileSystem>.Failed(bag.ToImmutable());
        scratch.Extend(placement.BlockCount * BlockBytes);
        new MetadataWriter(layout, placement, scratch.Write).Write(context.Parallelism, ct);
        var firstBlock = new byte[BlockBytes];
        new SuperBlock(layout, placement).WriteTo(firstBlock);
        scratch.WriteStart(firstBlock);
        return new PackedFileSystem(scratch, firstBlock, [.. placement.Regions()]);
    });
}
