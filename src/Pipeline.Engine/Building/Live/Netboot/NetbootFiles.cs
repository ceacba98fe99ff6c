using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Compression;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Core.Streams;
using Pipeline.Core.Units;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Live.Initrds;
using Pipeline.Engine.Building.Live.Media;
using Pipeline.Engine.Building.Packages;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Live.Netboot;

/// <summary>
/// What a machine fetches that boots over the network: <c>.vmlinuz</c>, <c>.initrd.img</c>, <c>.squashfs</c>, the kernel
/// command line, and a script for iPXE that names them all; where it is asked for, also one program for UEFI firmware.
/// </summary>
internal sealed class NetbootFiles
{
    private const int CopyBytes = 1 << 20;
    private const string InitrdEnding = ".initrd.img";
    private readonly DiskJob _job;
    private readonly ImmutableArray<ArtifactFile>.Builder _files = ImmutableArray.CreateBuilder<ArtifactFile>();

    private NetbootFiles(DiskJob job) => _job = job;

    /// <param name="tree">Of this output alone; it is changed.</param>
    /// <returns>The script first; null where the bag has the reason.</returns>
    public static Artifact? Build(DiskJob job, FileTree tree, DiagnosticBag bag, CancellationToken ct)
    {
        using var system = LiveSystem.Make(job, tree, bag);
        if (system is null || !Pass(system))
            return null;
        var kernel = system.Kernels[0];
        var isInitrd = system.Options.Root == LiveRootKind.Initrd;
        var medium = new LiveMedium($"{IpxeScript.BaseUrl}{job.FileStem}.squashfs") { FileName = LiveDisk.FileName(kernel.Facts.Family) };
        var arguments = isInitrd ? system.Boot.GivenArguments() : system.Arguments(kernel, medium);
        foreach (var word in system.Boot.GivenArguments().Where(a => a.Contains("${", StringComparison.Ordinal)))
            bag.Add(NetbootRules.ScriptWord, system.Span, word);
        if (bag.HasErrors)
            return null;
        var line = string.Join(' ', arguments).Replace(IpxeScript.BaseUrl, system.Options.BaseUrl ?? IpxeScript.BaseUrl, StringComparison.Ordinal);
        var program = system.Options.Efi ? NetbootProgram.Prepare(system, line) : null;
        if (bag.HasErrors)
            return null;
        using var root = LiveRoot.Pack(system, ct);
        if (root is null || bag.HasErrors)
            return null;
        var files = new NetbootFiles(system.Job);
        files.Add(".ipxe", Text(IpxeScript.Text(job.FileStem, job.FileStem + InitrdEnding, arguments, system.Options.BaseUrl)), ct);
        files.Add(".cmdline", Text(line + "\n"), ct);
        var isWritten = files.AddSystem(system, root.Content, program, ct);
        return isWritten ? new(system.Job.Target, files._files.ToImmutable(), []) : null;
    }

    private static bool Pass(LiveSystem system)
    {
        var kernel = system.Kernels[0];
        if (system.Options.Root != LiveRootKind.Initrd && kernel.Facts is { Family: InitrdFamily.Dracut, FetchesRoot: false })
            LiveChecks.Refuse(system, "a root that it must fetch", "put livenet into it (dracut --add \"dmsquash-live livenet\"), or write root: initrd");
        return LiveChecks.Pass(system);
    }

    /// <returns>False where the bag has the reason.</returns>
    private bool AddSystem(LiveSystem system, FileContent root, NetbootProgram? program, CancellationToken ct)
    {
        if (AddKernel(system, ct) is not { } path)
            return false;
        var isInitrd = system.Options.Root == LiveRootKind.Initrd;
        var initrd = isInitrd ? root : system.Kernels[0].Initrd;
        Add(InitrdEnding, new ContentStream(initrd), ct);
        if (!isInitrd)
            Add(".squashfs", new ContentStream(root), ct);
        if (program is null)
            return true;
        using var plain = FileSource.Open(path);
        if (program.Make(FileContent.Of(plain, 0, new FileInfo(path).Length), initrd) is not { } image)
            return false;
        Add(".efi", new ContentStream(image), ct);
        return true;
    }

    /// <returns>Its path; null where the bag has the reason.</returns>
    private string? AddKernel(LiveSystem system, CancellationToken ct)
    {
        var kernel = system.Kernels[0];
        try
        {
            using var plain = PlainKernel.Open(kernel.Image, _job.Board.Platform.Architecture);
            return Add(".vmlinuz", plain, ct);
        }
        catch (InvalidDataException e)
        {
            system.Bag.Add(NetbootRules.KernelPacked, system.Span, kernel.Version, e.Message);
        }
        catch (MissingLibraryException e)
        {
            system.Bag.AddRange([e.Diagnostic]);
        }
        return null;
    }

    private static MemoryStream Text(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <returns>The path of the file.</returns>
    private string Add(string ending, Stream content, CancellationToken ct)
    {
        var name = _job.FileStem + ending;
        var path = Path.Combine(_job.Context.OutputDirectory, name);
        using var activity = _job.Context.Reporter.Begin($"write {name}", null);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var (buffer, length) = (new byte[CopyBytes], 0L);
        using (content)
        using (var file = new FileStream(path, FileMode.CreateNew, FileAccess.Write, FileShare.Read, 0))
        {
            for (int count; (count = content.Read(buffer)) > 0; length += count)
            {
                ct.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
                file.Write(buffer, 0, count);
                activity.Advance(count);
            }
        }
        _files.Add(new(path, name, new ByteSize(length), Digest.FromSha256Hash(hash.GetHashAndReset())));
        return path;
    }
}
