using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk;

namespace Pipeline.Engine.Building.Disks;

/// <summary>A partition whose content is a file as it is: a boot loader of the source. What is behind the file stays zero.</summary>
internal sealed class RawWriter(FileContent content) : IFileSystemWriter
{
    public long LengthBytes => content.LengthBytes;

    public IEnumerable<Region> Regions() => [new(0, content.LengthBytes, "content")];

    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        foreach (var extent in content.Extents)
        {
            ct.ThrowIfCancellationRequested();
            sink.CopyFrom(content.Source!, extent.SourceOffset, extent.FileOffset, extent.LengthBytes);
        }
    }

    public void Seal(IBlockSink sink, CancellationToken ct)
    {
    }
}
