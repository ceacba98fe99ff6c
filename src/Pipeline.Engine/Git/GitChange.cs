using System.Collections.Immutable;

namespace Pipeline.Engine.Git;

public enum GitChangeKind
{
    Added,
    Changed,
    Deleted,
    Renamed,
}

/// <summary>One file that differs between two states of a repository.</summary>
/// <param name="Path">Relative to the repository of manifests; where it is now, or was.</param>
/// <param name="OldPath">Where a renamed file was; otherwise null.</param>
public sealed record GitChange(GitChangeKind Kind, string Path, string? OldPath)
{
    /// <summary><c>images/kiosk/image.yaml changed</c></summary>
    public override string ToString() => Kind switch
    {
        GitChangeKind.Added => $"{Path} added",
        GitChangeKind.Deleted => $"{Path} deleted",
        GitChangeKind.Renamed => $"{Path} renamed from {OldPath}",
        _ => $"{Path} changed",
    };

    /// <summary>Whether a path of this change, old or new, is a file or lies in a folder.</summary>
    public bool Touches(string fileOrFolder) => Touches(Path, fileOrFolder) || (OldPath is { } old && Touches(old, fileOrFolder));

    private static bool Touches(string path, string fileOrFolder) =>
        path == fileOrFolder || path.StartsWith(fileOrFolder + "/", StringComparison.Ordinal);

    /// <summary>Reads <c>git diff -z --name-status</c>: <c>M NUL path NUL</c>, <c>R097 NUL old NUL new NUL</c>.</summary>
    internal static ImmutableArray<GitChange> Parse(string nameStatus)
    {
        var words = nameStatus.Split('\0', StringSplitOptions.RemoveEmptyEntries);
        var changes = ImmutableArray.CreateBuilder<GitChange>();
        for (var i = 0; i + 1 < words.Length; i += 2)
        {
            if (words[i][0] is 'R' or 'C' && i + 2 < words.Length)
                changes.Add(words[i][0] == 'R' ? new(GitChangeKind.Renamed, words[i + 2], words[++i]) : new(GitChangeKind.Added, words[++i + 1], null));
            else
                changes.Add(new(words[i][0] switch { 'A' => GitChangeKind.Added, 'D' => GitChangeKind.Deleted, _ => GitChangeKind.Changed }, words[i + 1], null));
        }
        return changes.ToImmutable();
    }
}
