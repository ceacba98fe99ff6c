using System.Collections.Immutable;
using System.Security.Cryptography;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Git;

/// <summary>How much of a commit may be written out. Far above any repository of manifests.</summary>
public sealed record SnapshotLimits(int Entries, ByteSize Size)
{
    public static SnapshotLimits Usual { get; } = new(100_000, ByteSize.GiB(2));
}

/// <summary>The files of a commit as a directory, written without touching the work tree or the index.</summary>
/// <param name="Commit">The whole name of the commit.</param>
/// <param name="RootPath">Absolute. Holds what the folder of the repository holds at that commit.</param>
public sealed record GitSnapshot(string Commit, string RootPath)
{
    public string ShortCommit => Commit[..Math.Min(10, Commit.Length)];
}

/// <summary>
/// Writes the files of a commit: contents through one long-lived process of git, byte for byte (no filter, no line ends),
/// the executable bit, and links last, so that nothing is ever written through one. A link is what it is: who reads
/// decides whether to follow it.
/// </summary>
internal sealed class SnapshotWriter(string directory, string gitDirectory, string commit, SnapshotLimits limits)
{
    private const UnixFileMode Plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Executable = Plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly DiagnosticBag _bag = new();
    private readonly List<(string Path, string Target)> _links = [];
    private long _written;

    /// <param name="rootPath">Absolute, exists, empty.</param>
    /// <returns>The diagnostics: warnings about what was left out, or the error that stopped it.</returns>
    /// <exception cref="IOException">The disk failed, or git did.</exception>
    public async Task<ImmutableArray<Diagnostic>> WriteAsync(ImmutableArray<GitEntry> entries, string rootPath, CancellationToken ct)
    {
        if (entries.Length > limits.Entries)
            return [TooLarge()];
        Check(entries);
        if (_bag.HasErrors)
            return _bag.ToImmutable();
        ImmutableArray<GitEntry> wanted = [.. entries.Where(e => e.Kind != GitEntryKind.Submodule)];
        await using var objects = GitObjects.Open(directory) ?? throw new IOException("git cannot be started");
        objects.Ask([.. wanted.Select(e => e.Id)], ct);
        foreach (var entry in wanted)
        {
            var size = await objects.NextAsync(ct);
            if ((_written += size) > limits.Size.Bytes)
                return [TooLarge()];
            await WriteAsync(objects, entry, size, Path.Combine(rootPath, entry.Path), ct);
        }
        foreach (var (path, target) in _links)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.CreateSymbolicLink(path, target);
        }
        return _bag.ToImmutable();
    }

    private Diagnostic TooLarge() => Diagnostic.Create(GitRules.TooLarge, null, commit, $"{limits.Entries} files or {limits.Size}");

    private void Check(ImmutableArray<GitEntry> entries)
    {
        var files = entries.Select(e => e.Path).ToHashSet(StringComparer.Ordinal);
        foreach (var entry in entries)
        {
            if (GitTree.Problem(entry, files) is { } problem)
                _bag.Add(GitRules.OddEntry, null, Shown(entry.Path), commit, problem);
            else if (entry.Kind == GitEntryKind.Submodule)
                _bag.Add(GitRules.Submodule, null, entry.Path, commit);
        }
        if (files.Count != entries.Length)
            _bag.Add(GitRules.OddEntry, null, Shown(entries.GroupBy(e => e.Path, StringComparer.Ordinal).First(g => g.Skip(1).Any()).Key), commit, "it is there twice");
    }

    private static string Shown(string path) => string.Concat(path.Take(200).Select(c => char.IsControl(c) ? '\u00b7' : c));

    private async Task WriteAsync(GitObjects objects, GitEntry entry, long size, string path, CancellationToken ct)
    {
        if (entry.Kind == GitEntryKind.Link || size < LargeFilePointer.LimitBytes)
        {
            using var small = new MemoryStream();
            await objects.CopyAsync(small, size, ct);
            await WriteSmallAsync(entry, small.ToArray(), path, ct);
            return;
        }
        await using var file = Create(path, entry.Kind);
        await objects.CopyAsync(file, size, ct);
    }

    private async Task WriteSmallAsync(GitEntry entry, byte[] content, string path, CancellationToken ct)
    {
        if (entry.Kind == GitEntryKind.Link)
        {
            var target = System.Text.Encoding.UTF8.GetString(content);
            if (target.Length is 0 or > 4000 || target.Contains('\0'))
                _bag.Add(GitRules.OddEntry, null, entry.Path, commit, "it is a link to nothing");
            else
                _links.Add((path, target));
        }
        else if (LargeFilePointer.Read(content) is { } pointer)
        {
            await WriteLargeAsync(entry, pointer, path, ct);
        }
        else
        {
            await using var file = Create(path, entry.Kind);
            await file.WriteAsync(content, ct);
        }
    }

    /// <summary>What <c>git lfs</c> fetched is taken where it is what the pointer says; a work tree would hold the same.</summary>
    private async Task WriteLargeAsync(GitEntry entry, LargeFilePointer pointer, string path, CancellationToken ct)
    {
        var stored = new FileInfo(pointer.PathIn(gitDirectory));
        if (!stored.Exists || (_written += stored.Length) > limits.Size.Bytes || await DigestAsync(stored.FullName, ct) != pointer.Oid)
        {
            _bag.Add(GitRules.LargeFilePointer, null, entry.Path, commit);
            return;
        }
        await using var from = stored.OpenRead();
        await using var file = Create(path, entry.Kind);
        await from.CopyToAsync(file, ct);
    }

    private static async Task<string> DigestAsync(string path, CancellationToken ct)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct));
    }

    private static FileStream Create(string path, GitEntryKind kind)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = kind == GitEntryKind.Program ? Executable : Plain;
        return new FileStream(path, options);
    }
}
