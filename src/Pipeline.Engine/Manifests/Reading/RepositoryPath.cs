using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>Files of the repository that a manifest names.</summary>
internal static class RepositoryPath
{
    /// <summary>The folder of the manifest that wrote a value, absolute.</summary>
    public static string FolderOf(SourceSpan span, string rootPath) => span.Tree is { } tree
        ? Path.GetFullPath(Path.Combine(tree.RootPath, Path.GetDirectoryName(tree.Strip(span.File)) ?? ""))
        : Path.GetFullPath(Path.Combine(rootPath, Path.GetDirectoryName(span.File) ?? ""));

    /// <summary>What a value may name files of: the tree that it was written in.</summary>
    public static string RootOf(SourceSpan span, string rootPath) => span.Tree?.RootPath ?? rootPath;

    /// <summary>A path relative to the repository, with forward slashes.</summary>
    public static string Relative(string path, string rootPath) => Path.GetRelativePath(rootPath, path).Replace('\\', '/');

    /// <summary>
    /// The absolute path of an existing regular file inside <paramref name="rootPath"/>, links followed; null when there is
    /// none, and then the bag says why.
    /// </summary>
    public static string? ReadFile(YamlScalar? scalar, string rootPath, DiagnosticBag bag)
    {
        if (scalar is null)
            return null;
        var folder = FolderOf(scalar.Span, rootPath);
        rootPath = RootOf(scalar.Span, rootPath);
        if (scalar.Text.Contains('\0') || scalar.Text.Length == 0 || Path.IsPathRooted(scalar.Text))
        {
            bag.Add(ManifestRules.PathOutside, scalar.Span, Message.Quote(scalar.Text), "the repository");
            return null;
        }
        var path = Path.GetFullPath(Path.Combine(folder, scalar.Text));
        if (!IsInside(path, rootPath) || (File.Exists(path) && !IsInside(FinalTarget(path), FinalTarget(rootPath))))
        {
            bag.Add(ManifestRules.PathOutside, scalar.Span, Message.Quote(scalar.Text), "the repository");
            return null;
        }
        if (File.Exists(path))
            return path;
        var place = Relative(folder, rootPath);
        bag.Add(ManifestRules.FileMissing, scalar.Span, Message.Quote(scalar.Text), place == "." ? "its root" : place + "/");
        return null;
    }

    /// <summary>False where a link on the way leads out of the repository.</summary>
    /// <param name="path">Absolute, inside <paramref name="rootPath"/> by its name.</param>
    public static bool StaysInside(string path, string rootPath)
    {
        for (var part = path; part.Length > rootPath.Length; part = Path.GetDirectoryName(part)!)
        {
            if (new FileInfo(part).LinkTarget is not null)
                return IsInside(FinalTarget(path), FinalTarget(rootPath));
        }
        return true;
    }

    public static bool IsInside(string path, string rootPath) =>
        path == rootPath || path.StartsWith(rootPath.TrimEnd('/') + "/", StringComparison.Ordinal);

    /// <summary>Where a path ends up when every link on the way is followed; the path itself when that cannot be told.</summary>
    private static string FinalTarget(string path)
    {
        try
        {
            var current = "/";
            foreach (var name in path.Split('/', StringSplitOptions.RemoveEmptyEntries))
            {
                current = Path.Combine(current, name);
                FileSystemInfo info = Directory.Exists(current) ? new DirectoryInfo(current) : new FileInfo(current);
                current = info.ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? current;
            }
            return current;
        }
        catch (IOException)
        {
            return path;
        }
    }
}
