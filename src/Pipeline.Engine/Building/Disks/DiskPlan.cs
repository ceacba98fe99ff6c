using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk;
using Pipeline.Disk.Gpt;
using Pipeline.Disk.Mbr;
using Pipeline.Disk.Partitioning;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using TableKind = Pipeline.Engine.Manifests.Models.TableKind;

namespace Pipeline.Engine.Building.Disks;

/// <summary>A disk whose every byte has its place and nothing is written: the table, the file systems, the blobs.</summary>
/// <param name="FileSystems">One a partition; null where a partition has none.</param>
internal sealed record DiskPlan(
    DiskJob Job, DiskIdentity Identity, PlacementRequest Request, Placement Placement,
    ImmutableArray<IFileSystemWriter?> FileSystems, ImmutableArray<BlobSource> Blobs) : IDisposable
{
    /// <summary>What writing will move, for the progress.</summary>
    public long ContentBytes => FileSystems.Sum(f => f?.LengthBytes ?? 0) + Blobs.Sum(b => b.Content.LengthBytes);

    /// <summary>
    /// Measures each file system, places the partitions, and places the file systems anew where their partition turned
    /// out larger or where they must know its offset (FAT).
    /// </summary>
    public static DiskPlan? Make(
        DiskJob job, DiskIdentity identity, ImmutableArray<PartitionContent> contents, ImmutableArray<BlobSource> blobs, DiagnosticBag bag, CancellationToken ct)
    {
        var makers = job.Board.Partitions.Select((p, i) => new PartitionFormat(job, p, identity.Partitions[i], contents[i], bag)).ToList();
        var measured = makers.Select(m => m.IsPacked ? null : m.Measure()).ToList();
        try
        {
            for (var i = 0; i < makers.Count && !bag.HasErrors; i++)
                measured[i] ??= makers[i].IsPacked ? makers[i].Pack(ct) : null;
            var plan = bag.HasErrors ? null : Make(job, identity, makers, measured, blobs, bag);
            if (plan is null)
                Dispose(measured);
            return plan;
        }
        catch
        {
            Dispose(measured);
            throw;
        }
    }

    /// <summary>What is packed lies in scratch until then.</summary>
    public void Dispose() => Dispose(FileSystems);

    private static DiskPlan? Make(
        DiskJob job, DiskIdentity identity, IReadOnlyList<PartitionFormat> makers, IReadOnlyList<IFileSystemWriter?> measured,
        ImmutableArray<BlobSource> blobs, DiagnosticBag bag)
    {
        var request = BoardPlacement.Request(job.Board, [.. measured.Select(m => m?.LengthBytes ?? 0)], [.. blobs.Select(b => b.Content.LengthBytes)]);
        if (job.BootCode is { } code)
            request = request with { Blobs = request.Blobs.AddRange(code.Requests()) };
        var placed = DiskPlacement.Place(request);
        bag.AddRange(placed.Diagnostics);
        if (!placed.IsOk)
            return null;
        var placement = placed.Value!;
        var final = makers.Select((m, i) => m.Place(measured[i], placement.Partitions[i])).ToImmutableArray();
        return bag.HasErrors ? null : new(job, identity, request, placement, final, blobs.AddRange(job.BootCode?.Blobs(placement) ?? []));
    }

    private static void Dispose(IEnumerable<IFileSystemWriter?> fileSystems)
    {
        foreach (var fileSystem in fileSystems.OfType<IDisposable>())
            fileSystem.Dispose();
    }

    public GptTable Gpt() => new()
    {
        DiskGuid = Identity.DiskGuid,
        SectorBytes = Request.SectorBytes,
        DiskBytes = Placement.DiskBytes,
        EntryCount = Request.EntryCount,
        EntriesLba = Request.EntriesLba,
        FirstUsableLba = Placement.FirstUsableLba,
        Slots = [.. Job.Board.Partitions.Select(Slot)],
        Hybrid = [.. Job.Board.Table.Hybrid.Select(h => MbrEntry(h.TypeId, h.Active, BoardPlacement.IndexOf(h.Partition, Job.Board)))],
    };

    public MbrTable Mbr() => new()
    {
        Signature = Identity.MbrSignature,
        SectorBytes = Request.SectorBytes,
        Heads = Geometry?.Heads ?? MbrTable.DefaultHeads,
        SectorsPerTrack = Geometry?.SectorsPerTrack ?? MbrTable.DefaultSectorsPerTrack,
        Partitions = [.. Job.Board.Partitions.Select((p, i) => MbrEntry(p.TypeId, p.Flags.Active, i))],
    };

    /// <summary>A ROM that looks at the geometry of a FAT compares it with the addresses of its entry.</summary>
    private FileSystemManifest? Geometry => Job.Board.Partitions.Select(p => p.FileSystem).FirstOrDefault(f => f is { Heads: not null, SectorsPerTrack: not null });

    public bool IsGpt => Job.Board.Table.Kind == TableKind.Gpt;

    /// <summary>The whole image as regions: tables, blobs, partitions and what lies inside them.</summary>
    public IEnumerable<Region> Map()
    {
        foreach (var region in DiskPlacement.TableRegions(Request, Placement))
            yield return region;
        foreach (var blob in Placement.Blobs)
            yield return blob with { Name = "blob " + blob.Name };
        for (var i = 0; i < Placement.Partitions.Length; i++)
        {
            var partition = Placement.Partitions[i];
            var number = BoardPlacement.NumberOf(Job.Board, i).ToString(CultureInfo.InvariantCulture);
            yield return partition.Region with { Name = $"partition {number} {Job.Board.Partitions[i].Name}".TrimEnd() };
        }
    }

    private MbrPartition MbrEntry(string typeId, bool active, int index)
    {
        var placed = Placement.Partitions[index];
        return new((byte)DiskIdentity.ParseHex(typeId), active, placed.OffsetBytes / Request.SectorBytes, placed.LengthBytes / Request.SectorBytes)
        {
            BootRecordLba = placed.BootRecordBytes / Request.SectorBytes,
        };
    }

    private GptSlot Slot(Partition partition, int index)
    {
        var placed = Placement.Partitions[index];
        return new(
            partition.TableName, Guid.Parse(partition.TypeId), Identity.Partitions[index].UniqueGuid,
            placed.OffsetBytes / Request.SectorBytes, (placed.OffsetBytes + placed.LengthBytes) / Request.SectorBytes - 1,
            partition.Flags.GptAttributes);
    }
}
