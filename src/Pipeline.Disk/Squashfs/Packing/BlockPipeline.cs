using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Reporting;
using Pipeline.Disk.Pouring;

namespace Pipeline.Disk.Squashfs.Packing;

/// <summary>Packs blocks on several threads and writes them in their order.</summary>
internal static class BlockPipeline
{
    private const int MostBatchBytes = 1 << 20;
    private const int MostMemoryBytes = 128 << 20;

    public static void Run(PackedContents contents, SquashfsOptions options, IByteAppender output, PackContext context, CancellationToken ct)
    {
        using var jobs = BlockQueue.Jobs(contents, options.BlockBytes).GetEnumerator();
        var isOver = !jobs.MoveNext();
        var pipeline = new OrderedPipeline<Batch>(batch => batch.TryTake(jobs, ref isOver), batch =>
        {
            batch.Write(contents, output);
            context.Activity.Advance(batch.InputBytes);
        });
        var batches = OrderedPipeline<Batch>.BatchCount(context.Parallelism);
        var batchBytes = Math.Max(options.BlockBytes, Math.Min(MostBatchBytes, MostMemoryBytes / batches / 2));
        pipeline.Run(Enumerable.Range(0, batches).Select(_ => new Batch(batchBytes)), context.Parallelism, Open, ct);

        (Action<Batch>, IDisposable?) Open()
        {
            var compressor = BlockCompressor.Open(options.Compression, options.Level, options.BlockBytes);
            return (batch => Pack(batch, compressor), compressor);
        }

        void Pack(Batch batch, BlockCompressor compressor)
        {
            batch.Read(contents);
            batch.Pack(compressor);
        }
    }
}
