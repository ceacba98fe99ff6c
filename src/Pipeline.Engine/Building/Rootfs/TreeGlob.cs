using System.IO.Enumeration;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>Finds paths of a tree by a pattern with <c>*</c> and <c>?</c>, which match inside one name and never a slash.</summary>
internal static class TreeGlob
{
    /// <returns>Paths as written through links, in byte order.</returns>
    public static IReadOnlyList<string> Match(FileTree tree, string pattern)
    {
        IReadOnlyList<string> paths = [""];
        foreach (var part in pattern.Split('/', StringSplitOptions.RemoveEmptyEntries))
            paths = [.. paths.SelectMany(p => Step(tree, p, part))];
        return paths;
    }

    private static IEnumerable<string> Step(FileTree tree, string path, string part)
    {
        if (!part.AsSpan().ContainsAny('*', '?'))
            return tree.Find($"{path}/{part}") is null ? [] : [$"{path}/{part}"];
        return tree.Find(path) is DirectoryNode directory
            ? directory.Children
                .Select(c => c.Key.ToString())
                .Where(n => FileSystemName.MatchesSimpleExpression(part, n, ignoreCase: false))
                .Select(n => $"{path}/{n}")
            : [];
    }
}
