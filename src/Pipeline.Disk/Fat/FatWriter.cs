using System.Runtime.ExceptionServices;
using Pipeline.Core.Blocks;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Fat;

/// <summary>Writes a FAT file system as its layout decided; the boot sector comes last.</summary>
public sealed class FatWriter(FatLayout layout) : IFileSystemWriter
{
    private readonly FatGeometry _geometry = layout.Geometry;

    public long LengthBytes => layout.LengthBytes;

    public IEnumerable<Region> Regions() => layout.Regions();

    public void Pour(IBlockSink sink, int parallelism, CancellationToken ct)
    {
        var files = layout.Directories.SelectMany(d => d.Files).Where(f => f.FirstCluster != 0 && f.Directory is null);
        try
        {
            Parallel.ForEach(files, new() { MaxDegreeOfParallelism = Math.Max(1, parallelism), CancellationToken = ct }, f => PourFile(f, sink));
        }
        catch (AggregateException several)
        {
            // The first failure is the one to report; the others follow from the same full disk or broken source.
            ExceptionDispatchInfo.Throw(several.InnerExceptions[0]);
        }
    }

    public void Seal(IBlockSink sink, CancellationToken ct)
    {
        var table = new FatTable(_geometry.Bits, layout.UsedClusters);
        foreach (var directory in layout.Directories)
        {
            ct.ThrowIfCancellationRequested();
            table.AddRun(directory.FirstCluster, layout.ClustersOf(directory));
            foreach (var file in directory.Files)
            {
                if (file.Directory is null)
                    table.AddRun(file.FirstCluster, layout.ClustersOf(file));
            }
            WriteDirectory(directory, sink);
        }
        for (var copy = 0; copy < FatGeometry.FatCount; copy++)
            sink.Write(layout.FatOffsetBytes(copy), table.Bytes);
        WriteBootSectors(sink);
    }

    private void PourFile(FatFile file, IBlockSink sink)
    {
        var content = ((RegularFile)file.Node).Content;
        var place = _geometry.ClusterOffsetBytes(file.FirstCluster);
        foreach (var extent in content.Extents)
            sink.CopyFrom(content.Source!, extent.SourceOffset, place + extent.FileOffset, extent.LengthBytes);
    }

    private void WriteDirectory(FatDirectory directory, IBlockSink sink)
    {
        var slots = new byte[FatLayout.SlotsOf(directory, layout.Options) * FatGeometry.EntryBytes];
        var rest = slots.AsSpan();
        if (directory.Parent is not null)
            WriteDots(directory, ref rest);
        else if (!string.IsNullOrEmpty(layout.Options.Label))
            WriteLabel(ref rest);
        foreach (var file in directory.Files)
            WriteFile(file, ref rest);
        var place = directory.FirstCluster == 0
            ? _geometry.FirstRootSector * _geometry.SectorBytes
            : _geometry.ClusterOffsetBytes(directory.FirstCluster);
        sink.Write(place, slots);
    }

    private void WriteLabel(ref Span<byte> rest)
    {
        var name = new byte[FatLabel.MaxLength];
        FatLabel.WriteTo(name, layout.Options.Label);
        Append(new(name, FatAttributes.VolumeId, 0, FatTime.Of(layout.Options.Clock), 0, 0), ref rest);
    }

    private static void WriteDots(FatDirectory directory, ref Span<byte> rest)
    {
        // A parent that is the root is cluster 0, also on FAT32.
        var parent = directory.Parent!.Parent is null ? 0 : directory.Parent.FirstCluster;
        var (time, parentTime) = (FatTime.Of(directory.Node.Mtime), FatTime.Of(directory.Parent.Node.Mtime));
        Append(new(FatName.Pad(".", ""), FatAttributes.Directory, 0, time, directory.FirstCluster, 0), ref rest);
        Append(new(FatName.Pad("..", ""), FatAttributes.Directory, 0, parentTime, parent, 0), ref rest);
    }

    private static void WriteFile(FatFile file, ref Span<byte> rest)
    {
        var name = file.Name;
        var checksum = name.Checksum();
        for (var ordinal = name.SlotCount - 1; ordinal >= 1; ordinal--)
        {
            new LongNameSlot(ordinal, ordinal == name.SlotCount - 1, name.Long!, checksum).WriteTo(rest);
            rest = rest[FatGeometry.EntryBytes..];
        }
        var isDirectory = file.Directory is not null;
        var cluster = isDirectory ? file.Directory!.FirstCluster : file.FirstCluster;
        var attributes = isDirectory ? FatAttributes.Directory : FatAttributes.Archive;
        Append(new(name.Short, attributes, name.CaseFlags, FatTime.Of(file.Node.Mtime), cluster, file.LengthBytes), ref rest);
    }

    private static void Append(DirectoryEntry entry, ref Span<byte> rest)
    {
        entry.WriteTo(rest);
        rest = rest[FatGeometry.EntryBytes..];
    }

    private void WriteBootSectors(IBlockSink sink)
    {
        var sector = new byte[_geometry.SectorBytes];
        if (_geometry.Bits == 32)
        {
            var free = (uint)(layout.ClusterCount - layout.UsedClusters);
            new FsInfoSector(free, free == 0 ? uint.MaxValue : (uint)layout.UsedClusters + 2).WriteTo(sector);
            sink.Write(BootSector.FsInfoSector32 * (long)sector.Length, sector);
            sink.Write((BootSector.BackupSector32 + BootSector.FsInfoSector32) * (long)sector.Length, sector);
        }
        new BootSector(_geometry, layout.Options).WriteTo(sector);
        if (_geometry.Bits == 32)
            sink.Write(BootSector.BackupSector32 * (long)sector.Length, sector);
        sink.Write(0, sector);
    }
}
