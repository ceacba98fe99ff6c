using System.Runtime.ExceptionServices;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Iso.Boot;
using Pipeline.Disk.Iso.Placing;
using Pipeline.Disk.Iso.Records;
using static Pipeline.Disk.Iso.IsoFormat;

namespace Pipeline.Disk.Iso;

/// <summary>
/// Writes an ISO as its layout decided. With a media check the contents are read in their order and summed on the way;
/// without one, in any order. The primary volume descriptor comes last.
/// </summary>
public sealed class IsoWriter(IsoLayout layout) : IFileSystemWriter
{
    private const int CopyBytes = 1 << 20;
    private byte[] _applicationUse = [];

    public long LengthBytes => layout.LengthBytes;

    public IEnumerable<Region> Regions() => layout.Regions();

    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(sink.LengthBytes, LengthBytes);
        if (layout.Options.HasMediaCheck)
            PourInOrder(sink, parallelism, ct);
        else
            PourInParallel(sink, parallelism, ct);
        foreach (var (window, partition) in Behind(sink))
            partition.FileSystem.Pour(window, parallelism, ct);
    }

    public void Seal(IBlockSink sink, CancellationToken ct)
    {
        foreach (var (window, partition) in Behind(sink))
            partition.FileSystem.Seal(window, ct);
        if (layout.Gpt is { } gpt)
            GptWriter.Write(gpt, sink);
        var head = Head(_applicationUse);
        var descriptor = SystemAreaBytes;
        sink.Write(descriptor + BlockBytes, head.AsSpan(descriptor + BlockBytes));
        sink.Write(0, head.AsSpan(0, descriptor));
        sink.Write(descriptor, head.AsSpan(descriptor, BlockBytes));
    }

    private void PourInOrder(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        using var check = new MediaCheck(layout.VolumeBlocks * BlockBytes);
        var head = Head([]);
        check.Append(head);
        var buffer = new byte[CopyBytes];
        long summed = head.Length;
        foreach (var piece in Pieces())
        {
            check.AppendZeroes(piece.Block * BlockBytes - summed);
            for (long at = 0; at < piece.Content.LengthBytes; at += CopyBytes)
            {
                ct.ThrowIfCancellationRequested();
                var place = piece.Block * BlockBytes + at;
                var count = piece.Content.Read(at, buffer);
                Both(parallelism, () => sink.Write(place, buffer.AsSpan(0, count)), () => check.Append(buffer.AsSpan(0, count)));
            }
            summed = piece.Block * BlockBytes + piece.Content.LengthBytes;
        }
        check.AppendZeroes(layout.VolumeBlocks * BlockBytes - summed);
        _applicationUse = check.Finish();
    }

    private void PourInParallel(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        try
        {
            Parallel.ForEach(Pieces(), new() { MaxDegreeOfParallelism = Math.Max(1, parallelism), CancellationToken = ct }, piece =>
            {
                foreach (var extent in piece.Content.Extents)
                    sink.CopyFrom(piece.Content.Source!, extent.SourceOffset, piece.Block * BlockBytes + extent.FileOffset, extent.LengthBytes);
            });
        }
        catch (AggregateException several)
        {
            // The first failure is the one to report; the others follow from the same full disk or broken source.
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }

    private static void Both(int parallelism, Action first, Action second)
    {
        if (parallelism > 1)
        {
            var other = Task.Run(second);
            first();
            other.GetAwaiter().GetResult();
            return;
        }
        first();
        second();
    }

    /// <summary>All that lies behind the volume descriptors, in order of place. Directories are made when they are asked for.</summary>
    private IEnumerable<PlacedContent> Pieces()
    {
        foreach (var view in layout.Views)
        {
            yield return new(view.PathTableLBlock, FileContent.Of(PathTable.Encode(view, isBigEndian: false)));
            yield return new(view.PathTableMBlock, FileContent.Of(PathTable.Encode(view, isBigEndian: true)));
            foreach (var directory in view.Directories)
                yield return new(directory.Block, FileContent.Of(layout.Encoder.Encode(view, directory)));
        }
        if (layout.CatalogBlock is { } catalog)
            yield return new(catalog, FileContent.Of(BootCatalog.Encode(layout.Images)));
        foreach (var content in layout.Contents.All)
            yield return content;
    }

    private IEnumerable<(SinkWindow Window, IsoPartition Partition)> Behind(IBlockSink sink)
    {
        for (var i = 0; i < layout.BehindBlocks.Length; i++)
        {
            var partition = layout.Options.Table!.Behind[i];
            yield return (new(sink, layout.BehindBlocks[i] * BlockBytes, partition.FileSystem.LengthBytes), partition);
        }
    }

    /// <summary>System area and volume descriptors.</summary>
    private byte[] Head(byte[] applicationUse)
    {
        var head = new byte[layout.HeadBlocks * BlockBytes];
        if (layout.Gpt is { } gpt)
            GptWriter.Write(gpt, new HeadSink(head, LengthBytes));
        if (layout.Options.Table?.HybridBootCode is { } code && layout.Images.FirstOrDefault(i => i.Platform == BootImage.Bios) is { } image)
            BiosImage.HybridCode(code, image.Block).CopyTo(head, 0);
        WriteDescriptors(head, SystemAreaBlocks, layout.Views.AsSpan()[..2], applicationUse);
        if (layout.Views.Length > 2)
            WriteDescriptors(head, SystemAreaBlocks + PartitionBlock, layout.Views.AsSpan()[2..], []);
        return head;
    }

    /// <summary>One set: primary, boot record, supplementary, end. The partition has no boot record: firmware looks at the medium.</summary>
    private void WriteDescriptors(byte[] head, int block, ReadOnlySpan<DirectoryView> views, byte[] applicationUse)
    {
        var isMedium = block == SystemAreaBlocks;
        Descriptor(views[0]).ToBlock(applicationUse).CopyTo(head, block++ * BlockBytes);
        if (isMedium && layout.CatalogBlock is { } catalog)
            BootCatalog.Record(catalog).CopyTo(head, block++ * BlockBytes);
        Descriptor(views[1]).ToBlock([]).CopyTo(head, block++ * BlockBytes);
        VolumeDescriptor.End().CopyTo(head, block * BlockBytes);
    }

    private VolumeDescriptor Descriptor(DirectoryView view)
    {
        var root = view.Directories[0];
        var blocks = view.FirstBlock == 0 ? layout.VolumeBlocks : view.Seen(layout.IsoEndBlock);
        var places = new VolumePlaces(blocks, view.PathTableBytes, view.Seen(view.PathTableLBlock), view.Seen(view.PathTableMBlock), view.Seen(root.Block), root.LengthBytes);
        return new(layout.Options, places, root.Source.Node.Mtime, view.IsJoliet);
    }

    /// <summary>Keeps what is written to the beginning of the ISO.</summary>
    private sealed class HeadSink(byte[] head, long lengthBytes) : IBlockSink
    {
        public long LengthBytes => lengthBytes;

        public void Write(long offsetBytes, ReadOnlySpan<byte> data)
        {
            if (offsetBytes < SystemAreaBytes)
                data.CopyTo(head.AsSpan((int)offsetBytes));
        }

        public void CopyFrom(ContentSource source, long sourceOffset, long offsetBytes, long lengthBytes) => throw new NotSupportedException();
    }
}
