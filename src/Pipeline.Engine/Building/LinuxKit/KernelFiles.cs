using System.Collections.Immutable;
using System.Formats.Tar;
using System.Text;
using Pipeline.Core.Blocks;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;
using Pipeline.Disk.Squashfs;
using Pipeline.Engine.Building.Boot;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Outputs;
using Pipeline.Engine.Building.Packages;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>LinuxKit's own outputs: a kernel with its root and its command line as plain files, under LinuxKit's names.</summary>
internal sealed class KernelFiles
{
    /// <summary>What the kernel starts in a root that it mounted.</summary>
    public const string InitPath = "/sbin/init";

    private const UnixFileMode TarMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private readonly DiskJob _job;
    private readonly LinuxKitSystem _system;
    private readonly ImmutableArray<ArtifactFile>.Builder _files = ImmutableArray.CreateBuilder<ArtifactFile>();

    private KernelFiles(DiskJob job, LinuxKitSystem system) => (_job, _system) = (job, system);

    private string Folder => _job.Context.OutputDirectory;

    /// <summary><c>-kernel</c>, <c>-initrd.img</c> and <c>-cmdline</c>, or all three in <c>-initrd.tar</c>.</summary>
    public static Artifact? WithInitrd(DiskJob job, LinuxKitSystem system, DiagnosticBag bag, CancellationToken ct)
    {
        using var root = SystemRoot.Customise(job, system, SystemInitrd.InitPath, bag);
        using var initrd = root is null ? null : SystemInitrd.Pack(job, system, root.Tree, bag, ct);
        if (initrd is null)
            return null;
        var files = new KernelFiles(job, system);
        var words = files.CommandLine(bag);
        if (bag.HasErrors)
            return null;
        if (job.Target.Output.Kind == OutputKind.TarKernelInitrd)
        {
            files.Add("-initrd.tar", path => files.WriteTar(path, initrd.Content, words), ct);
        }
        else
        {
            files.Add("-kernel", path => Write(path, system.Kernel.Kernel.Content), ct);
            files.Add("-initrd.img", path => Write(path, initrd.Content), ct);
            files.Add("-cmdline", path => Write(path, words), ct);
        }
        return new(job.Target, files._files.ToImmutable(), []);
    }

    /// <summary><c>-squashfs.img</c>, <c>-squashfs-kernel</c> and <c>-squashfs-cmdline</c>: a release may have the other kernel too. Packed with gzip, which LinuxKit's kernels can all read.</summary>
    public static Artifact? WithSquashfs(DiskJob job, LinuxKitSystem system, DiagnosticBag bag, CancellationToken ct)
    {
        using var root = SystemRoot.Customise(job, system, InitPath, bag);
        if (root is null)
            return null;
        var span = job.Target.Image.Source.Span;
        var layout = SquashfsLayout.Place(root.Tree, new() { Compression = CompressionKind.Gzip, Clock = job.Clock }, span);
        bag.AddRange(layout.Diagnostics);
        var files = new KernelFiles(job, system);
        var words = files.CommandLine(bag);
        if (bag.HasErrors)
            return null;
        using var activity = job.Context.Reporter.Begin($"pack {job.FileStem} root", layout.Value!.ContentBytes);
        var packed = SquashfsWriter.Pack(layout.Value, new(Path.Combine(files.Folder, "root"), job.Parallelism, activity), ct);
        bag.AddRange(packed.Diagnostics);
        if (!packed.IsOk)
            return null;
        using var writer = packed.Value!;
        files.Add("-squashfs.img", path => FileSink.Create(path, writer.LengthBytes, sink =>
        {
            writer.Pour(sink, job.Parallelism, ct);
            writer.Seal(sink, ct);
        }), ct);
        files.Add("-squashfs-kernel", path => Write(path, system.Kernel.Kernel.Content), ct);
        files.Add("-squashfs-cmdline", path => Write(path, words), ct);
        return new(job.Target, files._files.ToImmutable(), []);
    }

    /// <summary>The file's arguments, then the board's and the manifest's. No end of line, as LinuxKit writes it.</summary>
    private FileContent CommandLine(DiagnosticBag bag)
    {
        var plain = _job with { Target = _job.Target with { Board = _job.Board with { Partitions = [], Blobs = [] } } };
        var boot = new BootContext(plain, _system.Root, MountPoints.Of(plain.Board, DiskIdentity.Of(plain.Board, plain.Seed)), bag);
        return FileContent.Of(Encoding.UTF8.GetBytes(string.Join(' ', boot.GivenArguments())));
    }

    private void Add(string ending, Action<string> write, CancellationToken ct)
    {
        var name = _job.FileStem + ending;
        var path = Path.Combine(Folder, name);
        using var activity = _job.Context.Reporter.Begin($"write {name}", null);
        write(path);
        var digest = _job.Context.HashOutputs ? ImageCopy.Hash(path, activity, ct) : null;
        _files.Add(new(path, name, new ByteSize(new FileInfo(path).Length), digest));
    }

    private static void Write(string path, FileContent content)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write);
        new ContentStream(content).CopyTo(file);
    }

    private void WriteTar(string path, FileContent initrd, FileContent words)
    {
        using var file = new FileStream(path, FileMode.CreateNew, FileAccess.ReadWrite);
        using var tar = new TarWriter(file, TarEntryFormat.Ustar);
        foreach (var (name, content) in new[] { ("kernel", _system.Kernel.Kernel.Content), ("initrd.img", initrd), ("cmdline", words) })
        {
            tar.WriteEntry(new UstarTarEntry(TarEntryType.RegularFile, name)
            {
                Mode = TarMode,
                ModificationTime = DateTimeOffset.FromUnixTimeSeconds(ImageFilter.Clock.Seconds),
                DataStream = new ContentStream(content),
            });
        }
    }
}
