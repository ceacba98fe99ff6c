using System.IO.Enumeration;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Live;

/// <summary>
/// Takes out of a tree what patterns of paths match: <c>*</c> and <c>?</c> inside one name, <c>**</c> for any number of
/// names. A directory goes with all that is below it. Links are names here; nothing is looked for behind them.
/// </summary>
internal static class LiveExclusion
{
    private const string AnyNames = "**";
    private static readonly string[] EveryName = ["*"];

    /// <returns>How many names were taken out.</returns>
    public static int Remove(FileTree tree, string pattern) => Remove(tree.Root, pattern.Split('/', StringSplitOptions.RemoveEmptyEntries));

    private static int Remove(DirectoryNode directory, ReadOnlySpan<string> parts)
    {
        var count = 0;
        if (parts[0] == AnyNames)
        {
            // The last one stands for everything below; any other also for no name at all.
            if (parts.Length == 1)
                parts = EveryName;
            else
                count += Remove(directory, parts[1..]);
        }
        foreach (var (name, node) in directory.Children.ToList())
        {
            if (parts[0] == AnyNames)
                count += node is DirectoryNode any ? Remove(any, parts) : 0;
            else if (!FileSystemName.MatchesSimpleExpression(parts[0], name.ToString(), ignoreCase: false))
                continue;
            else if (parts.Length == 1)
                count += directory.Remove(name) ? 1 : 0;
            else if (node is DirectoryNode below)
                count += Remove(below, parts[1..]);
        }
        return count;
    }
}
