using Pipeline.Core.Files;

namespace Pipeline.Oci.Proof;

/// <summary>A program of the tree that was looked at.</summary>
/// <param name="Path">Its real path, links resolved.</param>
/// <param name="IsEssential">Without it the system does not start: shell, init, libc, loader.</param>
internal sealed record SampledProgram(string Path, ElfFile Elf, bool IsEssential);

/// <summary>
/// Some programs of a tree, the essential ones first. One optional program proves nothing: systems carry programs of
/// other architectures, and Go programs tell less about themselves.
/// </summary>
internal sealed class ProgramSample
{
    private const int MaxPrograms = 64;
    private const int MaxFilesLookedAt = 1024;

    private static readonly string[] Essential =
    [
        "/sbin/init", "/usr/sbin/init", "/bin/sh", "/usr/bin/sh", "/bin/busybox", "/usr/bin/busybox",
        "/usr/lib/systemd/systemd", "/lib/systemd/systemd", "/bin/bash", "/usr/bin/bash", "/init",
    ];

    private static readonly string[] Folders = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];

    private readonly FileTree _tree;
    private readonly HashSet<FileNode> _seen = new(ReferenceEqualityComparer.Instance);
    private readonly List<SampledProgram> _programs = [];
    private int _looked;

    private ProgramSample(FileTree tree) => _tree = tree;

    public static IReadOnlyList<SampledProgram> Take(FileTree tree)
    {
        var sample = new ProgramSample(tree);
        foreach (var path in Essential)
            sample.Add(path, true);
        foreach (var program in sample._programs.ToArray())
            sample.AddLoaderOf(program);
        foreach (var folder in Folders)
            sample.AddFolder(folder);
        return sample._programs;
    }

    /// <summary>The loader and the libc beside it: where <c>/lib/ld-linux.so</c> leads, <c>libc.so.6</c> lies.</summary>
    private void AddLoaderOf(SampledProgram program)
    {
        if (program.Elf.Interpreter is not { } loader || _tree.RealPath(loader) is not { } real)
            return;
        Add(loader, true);
        Add(real[..(real.LastIndexOf('/') + 1)] + "libc.so.6", true);
    }

    private void AddFolder(string folder)
    {
        if (_tree.Find(folder) is not DirectoryNode directory)
            return;
        foreach (var (name, _) in directory.Children)
        {
            if (_programs.Count >= MaxPrograms || _looked >= MaxFilesLookedAt)
                return;
            Add($"{folder}/{name}", false);
        }
    }

    private void Add(string path, bool isEssential)
    {
        if (_tree.Find(path) is not RegularFile file || !_seen.Add(file))
            return;
        _looked++;
        if (ElfFile.Read(file.Content) is { } elf)
            _programs.Add(new(_tree.RealPath(path) ?? path, elf, isEssential));
    }
}
