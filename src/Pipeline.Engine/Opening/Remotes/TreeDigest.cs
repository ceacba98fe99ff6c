using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Opening.Remotes;

/// <summary>
/// A digest over every file of a directory: sorted relative paths, whether a file is a program, contents, link targets.
/// What <c>pipeline.lock</c> pins, so that a name of git or a registry alone is not believed.
/// </summary>
internal static class TreeDigest
{
    public static async Task<Digest> ComputeAsync(string rootPath, CancellationToken ct)
    {
        var options = new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0, IgnoreInaccessible = false };
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var files = new DirectoryInfo(rootPath).EnumerateFileSystemInfos("*", options)
            .Where(e => e.LinkTarget is not null || e is FileInfo)
            .Select(e => (Name: Path.GetRelativePath(rootPath, e.FullName), Entry: e));
        foreach (var (name, entry) in files.OrderBy(f => f.Name, StringComparer.Ordinal))
            Append(hash, entry.LinkTarget is { } target ? ["link", name, target] : [KindOf(entry), name, await ContentAsync(entry, ct)]);
        return Digest.FromSha256Hash(hash.GetHashAndReset());
    }

    private static string KindOf(FileSystemInfo file) => (file.UnixFileMode & UnixFileMode.UserExecute) != 0 ? "program" : "file";

    private static async Task<string> ContentAsync(FileSystemInfo file, CancellationToken ct)
    {
        await using var content = File.OpenRead(file.FullName);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(content, ct));
    }

    /// <summary>Each field with its length before it, so that no name can pretend to be two.</summary>
    private static void Append(IncrementalHash hash, string[] fields)
    {
        foreach (var field in fields)
        {
            var bytes = Encoding.UTF8.GetBytes(field);
            hash.AppendData(Encoding.ASCII.GetBytes(bytes.Length.ToString(CultureInfo.InvariantCulture) + ":"));
            hash.AppendData(bytes);
        }
    }
}
