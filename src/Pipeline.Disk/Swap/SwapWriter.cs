using Pipeline.Core.Blocks;

namespace Pipeline.Disk.Swap;

/// <summary>Writes the header of a swap area; there is nothing to pour.</summary>
public sealed class SwapWriter(SwapLayout layout) : IFileSystemWriter
{
    public long LengthBytes => layout.LengthBytes;

    public IEnumerable<Region> Regions() => layout.Regions();

    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct)
    {
    }

    public void Seal(IBlockSink sink, CancellationToken ct)
    {
        var page = new byte[SwapLayout.PageBytes];
        new SwapHeader(layout).WriteTo(page);
        sink.Write(0, page);
    }
}
