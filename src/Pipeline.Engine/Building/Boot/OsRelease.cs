using Pipeline.Core.Files;
using Pipeline.Engine.Building.Rootfs;

namespace Pipeline.Engine.Building.Boot;

/// <summary>The values of os-release(5): who made this system.</summary>
internal static class OsRelease
{
    private static readonly string[] Places = ["/etc/os-release", "/usr/lib/os-release"];

    /// <summary>The whole text; null where there is none.</summary>
    public static string? Text(FileTree tree) => Places.Select(p => TreeText.Read(tree, p)).FirstOrDefault(t => t is not null);

    /// <summary>A value without its quotes, or null; the last of a key counts, as in a shell. Control characters, quotes and backslashes are left out: it goes into boot menus.</summary>
    public static string? Read(FileTree tree, string key)
    {
        var line = Text(tree)?.Split('\n').LastOrDefault(l => l.StartsWith(key + "=", StringComparison.Ordinal));
        if (line is null)
            return null;
        var value = string.Concat(line[(key.Length + 1)..].Where(c => !char.IsControl(c) && c is not ('"' or '\'' or '\\' or '$' or '`' or '{' or '}')));
        return value.Length == 0 ? null : value;
    }
}
