using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Publishing;

namespace Pipeline.Web.Releases;

/// <summary>
/// The files of one directory that may be fetched: those that a release lists, or the plain files of any directory. No
/// folders, no links, nothing that is not there by its own name.
/// </summary>
public sealed class ServedFolder
{
    private readonly ImmutableSortedDictionary<string, Digest>? _listed;

    private ServedFolder(string path, ImmutableSortedDictionary<string, Digest>? listed) => (Path, _listed) = (path, listed);

    /// <summary>Absolute, links followed: the release stays the same when <c>latest</c> moves on.</summary>
    public string Path { get; }

    /// <summary>A release: only what its SHA256SUMS lists, and that itself.</summary>
    public static Result<ServedFolder> OfRelease(string path)
    {
        var sums = System.IO.Path.Combine(path, ReleaseDocuments.Checksums);
        if (new FileInfo(sums) is not { Exists: true, Length: <= Sha256Sums.LimitBytes })
            return Result<ServedFolder>.Failed(Diagnostic.Create(ServeRules.BadChecksums, null, path, $"its {ReleaseDocuments.Checksums} is missing or far too long"));
        return Sha256Sums.TryRead(File.ReadAllText(sums), out var listed, out var problem)
            ? new ServedFolder(Real(path), listed)
            : Result<ServedFolder>.Failed(Diagnostic.Create(ServeRules.BadChecksums, null, path, $"{ReleaseDocuments.Checksums}: {problem}"));
    }

    /// <summary>Any directory: its plain files whose names do not begin with a dot.</summary>
    public static Result<ServedFolder> OfDirectory(string path) => Directory.Exists(path)
        ? new ServedFolder(Real(path), null)
        : Result<ServedFolder>.Failed(Diagnostic.Create(ServeRules.NoDirectory, null, path));

    /// <summary>What is there now, in order.</summary>
    public IEnumerable<string> Names() =>
        Directory.EnumerateFiles(Path).Select(f => System.IO.Path.GetFileName(f)!).Where(n => Find(n) is not null).Order(StringComparer.Ordinal);

    /// <summary>The file of a name; null where there is none that may be fetched.</summary>
    public FileInfo? Find(string name)
    {
        if (!IsPlain(name) || (_listed is not null && name != ReleaseDocuments.Checksums && !_listed.ContainsKey(name)))
            return null;
        var file = new FileInfo(System.IO.Path.Combine(Path, name));
        return file.Exists && file.LinkTarget is null && !file.Attributes.HasFlag(FileAttributes.Device) && file.UnixFileMode != 0 ? file : null;
    }

    /// <summary>What a release says of a file's content; null where nothing is said.</summary>
    public Digest? DigestOf(string name) => _listed?.GetValueOrDefault(name);

    private static bool IsPlain(string name) => name.Length > 0 && name[0] != '.' && !name.Any(c => c is '/' or '\\' or '\0' || char.IsControl(c));

    private static string Real(string path)
    {
        var full = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        return Directory.ResolveLinkTarget(full, returnFinalTarget: true)?.FullName ?? full;
    }
}
