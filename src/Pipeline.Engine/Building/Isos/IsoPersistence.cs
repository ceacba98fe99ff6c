using Pipeline.Core.Files;
using Pipeline.Core.Hashing;
using Pipeline.Disk.Ext4;
using Pipeline.Disk.Iso;
using Pipeline.Engine.Building.Live;
using Pipeline.Engine.Building.Live.Initrds;

namespace Pipeline.Engine.Building.Isos;

/// <summary>The partition behind the ISO that keeps what a live system writes, where the medium is a disk.</summary>
internal static class IsoPersistence
{
    private static readonly Guid LinuxFileSystem = new("0FC63DAF-8483-4772-8E79-3D69D8477DE4");

    public static Guid PartitionGuid(LiveSystem system) => DerivedGuid.Create(system.Job.Seed, "iso persistence");

    /// <returns>Null where none was asked for, or the bag has the reason.</returns>
    public static IsoPartition? Make(LiveSystem system)
    {
        if (system.Options.Persistence is not { } size)
            return null;
        var layout = Ext4Layout.Place(Tree(system), new()
        {
            Uuid = DerivedGuid.Create(system.Job.Seed, "iso persistence file system"),
            HashSeed = DerivedGuid.Create(system.Job.Seed, "iso persistence hash"),
            Label = LiveArguments.LiveBootLabel,
            Clock = system.Job.Clock,
            LengthBytes = size.Bytes,
        }, system.Span);
        system.Bag.AddRange(layout.Diagnostics);
        return layout.IsOk ? new(LiveArguments.LiveBootLabel, LinuxFileSystem, PartitionGuid(system), new Ext4Writer(layout.Value!)) : null;
    }

    /// <summary>dracut wants two directories, live-boot a file that says what is kept.</summary>
    private static FileTree Tree(LiveSystem system)
    {
        var files = new IsoFiles(system.Job.Clock);
        if (system.Kernels[0].Facts.Family == InitrdFamily.LiveBoot)
            files.Set("/persistence.conf", "/ union\n");
        else
        {
            files.Tree.EnsureDirectory(LiveArguments.DracutUpper, system.Job.Clock);
            files.Tree.EnsureDirectory(LiveArguments.DracutWork, system.Job.Clock);
        }
        return files.Tree;
    }
}
