using System.Collections.Immutable;

namespace Pipeline.Engine.Git;

internal enum GitEntryKind
{
    File,
    Program,
    Link,
    Submodule,
}

/// <param name="Path">Relative to the listed folder, with forward slashes; as the commit has it, so not to be trusted.</param>
internal sealed record GitEntry(GitEntryKind Kind, string Id, string Path);

/// <summary>The files of a commit.</summary>
internal static class GitTree
{
    /// <param name="treeish">A commit, or <c>COMMIT:FOLDER</c>.</param>
    /// <returns>In git's order; null when git does not answer.</returns>
    public static async Task<ImmutableArray<GitEntry>?> ListAsync(string directory, string treeish, CancellationToken ct)
    {
        var list = await GitCommand.RunAsync(directory, ["ls-tree", "-r", "-z", "--full-tree", treeish], ct);
        return list is null ? null : [.. list.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    /// <summary>Why an entry cannot be written as a file; null when it can.</summary>
    public static string? Problem(GitEntry entry, IReadOnlySet<string> files)
    {
        var parts = entry.Path.Split('/');
        if (parts.Any(p => p is "" or "." or ".." || p.Equals(".git", StringComparison.OrdinalIgnoreCase)))
            return "its name leads elsewhere";
        if (entry.Path.Any(c => char.IsControl(c) || c == '\uFFFD'))
            return "its name has control characters or is not UTF-8";
        if (parts.Any(p => System.Text.Encoding.UTF8.GetByteCount(p) > 255) || entry.Path.Length > 2000)
            return "its name is too long";
        for (var slash = entry.Path.IndexOf('/', StringComparison.Ordinal); slash > 0; slash = entry.Path.IndexOf('/', slash + 1))
        {
            if (files.Contains(entry.Path[..slash]))
                return "a folder above it is a file or a link as well";
        }
        return null;
    }

    /// <summary><c>100644 blob ID TAB PATH</c></summary>
    private static GitEntry Parse(string line)
    {
        var tab = line.IndexOf('\t', StringComparison.Ordinal);
        var words = line[..tab].Split(' ');
        var kind = words[0] switch
        {
            "120000" => GitEntryKind.Link,
            "160000" => GitEntryKind.Submodule,
            "100755" => GitEntryKind.Program,
            _ => GitEntryKind.File,
        };
        return new(kind, words[2], line[(tab + 1)..]);
    }
}
