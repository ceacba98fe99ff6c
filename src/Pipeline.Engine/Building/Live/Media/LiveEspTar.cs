using System.Formats.Tar;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Reporting;
using Pipeline.Core.Streams;
using Pipeline.Disk.Fat;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Packages;

namespace Pipeline.Engine.Building.Live.Media;

/// <summary>The files of a live disk's system partition as a tar, to be unpacked onto a stick that somebody formatted.</summary>
internal static class LiveEspTar
{
    private const UnixFileMode FileMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const int UstarNameBytes = 100;
    private const int UstarPrefixBytes = 155;
    private const UnixFileMode FolderMode = FileMode | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    /// <param name="tree">Of this output alone; it is changed.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static BuiltDisk? Build(DiskJob job, FileTree tree, DiagnosticBag bag, CancellationToken ct)
    {
        using var system = LiveSystem.Make(job, tree, bag);
        if (system is null || !LiveChecks.Pass(system))
            return null;
        var esp = LiveEsp.Gather(system);
        if (!esp.HasEfi)
        {
            bag.Add(LiveRules.NoLoader, system.Span, EfiNames.Default(job.Board.Platform), "files alone: a BIOS starts none");
            return null;
        }
        using var root = LiveRoot.Pack(system, ct);
        if (root is null || bag.HasErrors)
            return null;
        var name = LiveDisk.FileName(system.Kernels[0].Facts.Family);
        if (!job.IsRootInInitrd)
            esp.AddRoot(root.Content, name);
        esp.AddMenu(new(LiveDisk.DeviceOf(system)) { Directory = LiveEsp.Directory, FileName = name }, hasBios: false);
        if (root.Content.LengthBytes > LiveDisk.MaxFatFileBytes)
        {
            bag.Add(LiveRules.TooLongForFat, system.Span, root.Content.LengthBytes);
            return null;
        }
        // The stick is FAT: what it would refuse is refused here, as for a live disk.
        var fat = FatLayout.Place(esp.Tree, new() { VolumeId = 0, Clock = job.Clock }, system.Span);
        bag.AddRange(fat.Diagnostics);
        if (!fat.IsOk)
            return null;
        var path = Path.Combine(job.Context.OutputDirectory, job.FileStem + ".esp.tar");
        using var activity = job.Context.Reporter.Begin($"write {Path.GetFileName(path)}", root.Content.LengthBytes);
        Write(esp.Tree, path, activity, ct);
        return new(path, new FileInfo(path).Length, []);
    }

    private static void Write(FileTree tree, string path, IActivity activity, CancellationToken ct)
    {
        using var file = new FileStream(path, System.IO.FileMode.CreateNew, FileAccess.ReadWrite);
        using var tar = new TarWriter(file, TarEntryFormat.Ustar);
        foreach (var (name, node) in tree.Walk())
        {
            ct.ThrowIfCancellationRequested();
            tar.WriteEntry(Entry(name[1..], node));
            activity.Advance(node is RegularFile regular ? regular.Content.LengthBytes : 0);
        }
    }

    /// <summary>Owned by root, by number alone. GNU's form has room for longer names; that of pax would tell the process.</summary>
    private static TarEntry Entry(string name, FileNode node)
    {
        var isFolder = node is DirectoryNode;
        var (type, path) = isFolder ? (TarEntryType.Directory, name + "/") : (TarEntryType.RegularFile, name);
        TarEntry entry = FitsUstar(name) ? new UstarTarEntry(type, path) : new GnuTarEntry(type, path);
        entry.Mode = isFolder ? FolderMode : FileMode;
        entry.ModificationTime = DateTimeOffset.FromUnixTimeSeconds(node.Mtime.Seconds);
        if (node is RegularFile { Content.LengthBytes: > 0 } file)
            entry.DataStream = new ContentStream(file.Content);
        return entry;
    }

    /// <summary>A slash more for a folder; the field of the folder's own path is apart.</summary>
    private static bool FitsUstar(string name)
    {
        var slash = name.LastIndexOf('/');
        return Encoding.UTF8.GetByteCount(name) < UstarNameBytes
            || (Encoding.UTF8.GetByteCount(name[(slash + 1)..]) < UstarNameBytes && Encoding.UTF8.GetByteCount(name[..Math.Max(slash, 0)]) <= UstarPrefixBytes);
    }
}
