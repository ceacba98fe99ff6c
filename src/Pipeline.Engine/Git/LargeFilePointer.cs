using System.Text;
using System.Text.RegularExpressions;

namespace Pipeline.Engine.Git;

/// <summary>
/// What Git LFS commits in the place of a large file: a few lines that begin with its version and name a digest. The
/// content itself lies beside git's objects, where it was fetched.
/// </summary>
internal sealed partial record LargeFilePointer(string Oid)
{
    /// <summary>The specification has pointers stay below this.</summary>
    public const int LimitBytes = 1024;

    /// <summary>Null when it is none.</summary>
    public static LargeFilePointer? Read(ReadOnlySpan<byte> content) =>
        content.StartsWith("version https://git-lfs.github.com/spec/v"u8) && Digest().Match(Encoding.ASCII.GetString(content)) is { Success: true } match
            ? new(match.Groups[1].Value)
            : null;

    /// <summary>Where the content lies if it was fetched.</summary>
    /// <param name="gitDirectory">The repository's own directory.</param>
    public string PathIn(string gitDirectory) => Path.Combine(gitDirectory, "lfs", "objects", Oid[..2], Oid[2..4], Oid);

    [GeneratedRegex("^oid sha256:([0-9a-f]{64})$", RegexOptions.Multiline | RegexOptions.CultureInvariant)]
    private static partial Regex Digest();
}
