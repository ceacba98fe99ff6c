using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using Pipeline.Disk.Fat;
using Pipeline.Disk.Iso;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Live;
using Pipeline.Engine.Building.Live.Media;

namespace Pipeline.Engine.Building.Isos;

/// <summary>
/// From a container to an ISO that is a CD and a disk, for UEFI and for a BIOS: the container-native ISO contract, and what
/// lies beyond it. All that can be refused is refused before the root is packed.
/// </summary>
internal static class IsoBuilder
{
    /// <param name="tree">Of this output alone; it is changed.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static BuiltDisk? Build(DiskJob job, FileTree tree, DiagnosticBag bag, CancellationToken ct)
    {
        using var system = LiveSystem.Make(job, tree, bag);
        if (system is null || !LiveChecks.Pass(system))
            return null;
        var config = new IsoConfigReader(bag).Read(tree, job.Target.Image.Source.Span);
        var label = IsoLabel.Of(system, config);
        var medium = IsoPaths.MediumOf(system, label);
        if (system.Options.Persistence is not null)
            medium = medium with { Persistence = "PARTUUID=" + IsoPersistence.PartitionGuid(system).ToString("D") };
        var contents = IsoContents.Gather(system, config, new IsoMenu(system, config, label, medium));
        var persistence = IsoPersistence.Make(system);
        if (bag.HasErrors)
            return null;
        using var root = LiveRoot.Pack(system, ct);
        if (root is null || bag.HasErrors)
            return null;
        if (!job.IsRootInInitrd)
            contents.Iso.Set($"{medium.Directory}/{medium.FileName}", root.Content);
        return Write(system, contents, Options(system, contents, label, persistence), ct);
    }

    private static BuiltDisk? Write(LiveSystem system, IsoContents contents, IsoOptions options, CancellationToken ct)
    {
        using var efi = MakeEfi(system, contents, ct);
        if (efi is not null)
            contents.Iso.Set(IsoPaths.EfiImage, efi.Content);
        var layout = system.Bag.HasErrors ? default : IsoLayout.Place(contents.Iso.Tree, options, system.Span);
        if (!layout.Diagnostics.IsDefault)
            system.Bag.AddRange(layout.Diagnostics);
        if (layout.Value is null || system.Bag.HasErrors)
            return null;
        var job = system.Job;
        var writer = new IsoWriter(layout.Value);
        var path = Path.Combine(job.Context.OutputDirectory, job.FileStem + ".iso");
        using var activity = job.Context.Reporter.Begin($"write {job.FileStem}.iso", writer.LengthBytes);
        FileSink.Create(path, writer.LengthBytes, sink =>
        {
            writer.Pour(sink, job.Parallelism, ct);
            writer.Seal(sink, ct);
        });
        activity.Advance(writer.LengthBytes);
        return new(path, writer.LengthBytes, [.. writer.Regions()]);
    }

    /// <summary>A FAT image as large as its files need, without a partition table of its own.</summary>
    private static ScratchImage? MakeEfi(LiveSystem system, IsoContents contents, CancellationToken ct)
    {
        if (contents.Efi is null)
            return null;
        var layout = FatLayout.Place(contents.Efi, new()
        {
            VolumeId = DerivedGuid.CreateUInt32(system.Job.Seed, "iso efi"),
            Label = "EFI",
            Clock = system.Job.Clock,
        }, system.Span);
        system.Bag.AddRange(layout.Diagnostics);
        return layout.IsOk ? ScratchImage.Write(new FatWriter(layout.Value!), system.ScratchDirectory, system.Job.Parallelism, ct) : null;
    }

    private static IsoOptions Options(LiveSystem system, IsoContents contents, string label, IsoPartition? persistence)
    {
        var seed = system.Job.Seed;
        return new()
        {
            VolumeId = label,
            Application = OsRelease.Read(system.Tree, "NAME") ?? "",
            Clock = system.Job.Clock,
            Bios = contents.Bios is null ? null : new(IsoPaths.BiosImage, IsGrub: true),
            EfiImagePath = contents.Efi is null ? null : IsoPaths.EfiImage,
            HasMediaCheck = true,
            Table = new()
            {
                DiskGuid = system.Identity.DiskGuid,
                IsoGuid = DerivedGuid.Create(seed, "iso"),
                EfiGuid = DerivedGuid.Create(seed, "iso efi partition"),
                HybridBootCode = contents.Bios?.HybridCode,
                Behind = persistence is null ? [] : [persistence],
            },
        };
    }
}
