using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Resolving;

/// <summary>
/// A digest over what a script can read in its folder: sorted relative paths, the owner's executable bit, contents, link
/// targets. Times, owners and other permissions do not count, so that a fresh clone gives the same. Nothing is executed.
/// </summary>
/// <remarks>
/// <c>image.yaml</c> of the folder itself is left out: what it decides is compared key by key, and its description decides
/// nothing. So is what editors and file managers drop.
/// </remarks>
internal static class FolderFingerprint
{
    public const int EntryLimit = 20_000;
    public static readonly ByteSize SizeLimit = ByteSize.GiB(1);

    /// <param name="scriptPath">Absolute; its name is part of the digest.</param>
    public static async Task<Result<Digest>> ComputeAsync(string scriptPath, SourceSpan? span, CancellationToken ct)
    {
        var folder = Path.GetDirectoryName(scriptPath)!;
        var entries = Entries(folder).Take(EntryLimit + 1).OrderBy(e => e.Name, StringComparer.Ordinal).ToList();
        var size = entries.Sum(e => e.Entry is FileInfo { LinkTarget: null } file ? file.Length : 0);
        if (entries.Count > EntryLimit || size > SizeLimit.Bytes)
            return Result<Digest>.Failed(Diagnostic.Create(ResolvingRules.FolderTooLarge, span, scriptPath, $"{EntryLimit} entries or {SizeLimit}"));

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, "script", Path.GetFileName(scriptPath));
        foreach (var (name, entry) in entries)
        {
            if (entry.LinkTarget is { } target)
                Append(hash, "link", name, target);
            else if (entry is DirectoryInfo)
                Append(hash, "directory", name);
            else if (!IsRegular(entry))
                return Result<Digest>.Failed(Diagnostic.Create(ResolvingRules.FolderOddEntry, span, name));
            else
                await AppendFileAsync(hash, name, entry, ct);
        }
        return Digest.FromSha256Hash(hash.GetHashAndReset());
    }

    private static IEnumerable<(string Name, FileSystemInfo Entry)> Entries(string folder)
    {
        var pending = new Stack<DirectoryInfo>([new(folder)]);
        while (pending.TryPop(out var directory))
        {
            foreach (var entry in directory.EnumerateFileSystemInfos())
            {
                var name = Path.GetRelativePath(folder, entry.FullName);
                if (IsDropping(entry.Name) || name == "image.yaml")
                    continue;
                if (entry is DirectoryInfo { LinkTarget: null } child)
                    pending.Push(child);
                yield return (name, entry);
            }
        }
    }

    /// <summary>What editors, file managers and version control leave: never part of what was meant.</summary>
    private static bool IsDropping(string name) =>
        name is ".git" or ".DS_Store" or "4913" or "__pycache__" or ".idea" or ".vscode" or "Thumbs.db"
        || name.EndsWith('~')
        || name.StartsWith(".#", StringComparison.Ordinal)
        || (name.StartsWith('#') && name.EndsWith('#'))
        || (name.StartsWith('.') && (name.EndsWith(".swp", StringComparison.Ordinal) || name.EndsWith(".swo", StringComparison.Ordinal) || name.EndsWith(".swx", StringComparison.Ordinal)))
        || name.EndsWith(".partial", StringComparison.Ordinal);

    // .NET calls sockets, pipes and devices files of length 0, and a read of a pipe would wait for ever.
    private static bool IsRegular(FileSystemInfo entry) => entry is FileInfo { Length: > 0 } || FileKind.IsRegular(entry.FullName);

    private static async Task AppendFileAsync(IncrementalHash hash, string name, FileSystemInfo file, CancellationToken ct)
    {
        var executable = (file.UnixFileMode & UnixFileMode.UserExecute) != 0;
        await using var content = new FileStream(file.FullName, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        var digest = Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct));
        Append(hash, executable ? "program" : "file", name, digest);
    }

    /// <summary>Each field with its length before it, so that no name can pretend to be two.</summary>
    private static void Append(IncrementalHash hash, params ReadOnlySpan<string> fields)
    {
        foreach (var field in fields)
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            hash.AppendData(Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + ":"));
            hash.AppendData(bytes);
        }
        hash.AppendData("\n"u8);
    }
}
