using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Disk.Cpio;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>The whole root as an initrd, microcode in front, in scratch; disposing it gives the scratch back.</summary>
internal sealed class SystemInitrd : IDisposable
{
    /// <summary>What the kernel starts in an initrd.</summary>
    public const string InitPath = "/init";

    private readonly ScratchFile _scratch;

    private SystemInitrd(ScratchFile scratch) => _scratch = scratch;

    public FileContent Content => FileContent.Of(_scratch.Source, 0, _scratch.LengthBytes);

    /// <summary>Packs with gzip, which every kernel can unpack.</summary>
    /// <param name="root">Of the system, with what the manifest adds.</param>
    /// <returns>Null where the bag has the reason.</returns>
    public static SystemInitrd? Pack(DiskJob job, LinuxKitSystem system, FileTree root, DiagnosticBag bag, CancellationToken ct)
    {
        var placed = CpioArchive.Place(root, job.Target.Image.Source.Span);
        bag.AddRange(placed.Diagnostics);
        if (!placed.IsOk)
            return null;
        var options = new InitramfsOptions(CompressionKind.Gzip, null, job.Parallelism)
        {
            Prefixes = system.Kernel.Microcode is { } microcode ? [microcode] : [],
        };
        using var activity = job.Context.Reporter.Begin($"pack {job.FileStem} initrd", null);
        var scratch = ScratchFile.Create(Path.Combine(job.Context.OutputDirectory, "initrd"), "initrd");
        try
        {
            using var stream = new AppendingStream(scratch);
            Initramfs.Write(placed.Value!, options, stream, ct);
            return new(scratch);
        }
        catch
        {
            scratch.Dispose();
            throw;
        }
    }

    public void Dispose() => _scratch.Dispose();
}
