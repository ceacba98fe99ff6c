using Pipeline.Core.Compression;
using Pipeline.Core.Files;
using Pipeline.Disk.Cpio;

namespace Pipeline.Engine.Building.Live;

/// <summary>The whole system as an initrd, which the kernel unpacks into memory and never leaves.</summary>
internal static class LiveInitrdRoot
{
    /// <summary>The kernel starts nothing else of an initrd by itself.</summary>
    private const string Start = "/init";

    private static readonly string[] Inits = ["/sbin/init", "/usr/sbin/init", "/usr/lib/systemd/systemd", "/bin/init"];

    /// <returns>Null where the bag has the reason.</returns>
    public static LiveRoot? Pack(LiveSystem system, CancellationToken ct)
    {
        if (!AddStart(system))
            return null;
        var archive = CpioArchive.Place(system.Tree, system.Span);
        system.Bag.AddRange(archive.Diagnostics);
        if (!archive.IsOk)
            return null;
        var packing = system.Options.Packing;
        Directory.CreateDirectory(system.ScratchDirectory);
        var file = new FileStream(Path.Combine(system.ScratchDirectory, "root.cpio"), new FileStreamOptions
        {
            Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Options = FileOptions.DeleteOnClose,
        });
        try
        {
            using var activity = system.Job.Context.Reporter.Begin($"pack {system.Job.FileStem} root", null);
            var level = packing.Level ?? BlockCompressor.Levels(packing.Compression).Default;
            Initramfs.Write(archive.Value!, new(packing.Compression, level, system.Job.Parallelism), file, ct);
            file.Flush();
            return new(FileContent.Of(new FileSource(file.SafeFileHandle), 0, file.Length), file);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static bool AddStart(LiveSystem system)
    {
        if (system.Tree.Find(Start, followLast: false) is not null)
            return true;
        if (Array.Find(Inits, p => system.Tree.Find(p, followLast: false) is not null) is not { } init)
        {
            system.Bag.Add(LiveRules.NoInit, system.Span, string.Join(", ", Inits));
            return false;
        }
        system.Tree.Set(Start, new SymbolicLink { Target = System.Text.Encoding.ASCII.GetBytes(init[1..]), Permissions = 0b111_111_111, Mtime = system.Job.Clock });
        return true;
    }
}
