using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Inventories.Pacman;

/// <summary>Arch's packages: a directory each, with a file <c>desc</c> of blocks: <c>%KEY%</c>, values, an empty line.</summary>
internal static class PacmanDatabase
{
    /// <summary>The second where an image keeps what packages brought below /usr.</summary>
    private static readonly string[] Paths = ["/var/lib/pacman/local", "/usr/lib/sysimage/lib/pacman/local", "/usr/lib/pacman/local"];

    private const int LimitDescriptionBytes = 1 << 20;

    /// <summary>Of what is read only licences come several.</summary>
    private const int LimitValues = 20;

    public static PackageList? Read(FileTree tree, DiagnosticBag bag)
    {
        foreach (var path in Paths)
        {
            if (tree.Find(path) is DirectoryNode { Count: > 0 } directory && Guard.Read(path, bag, list => ReadAll(tree, path, directory, list)) is { Packages.IsEmpty: false } found)
                return found;
        }
        return null;
    }

    private static void ReadAll(FileTree tree, string path, DirectoryNode directory, PackageList list)
    {
        foreach (var (name, _) in directory.Children)
        {
            if (DatabaseFile.Find(tree, $"{path}/{name}/desc") is { } file)
                AddPackage(ReadBlocks(DatabaseFile.ReadText(file, LimitDescriptionBytes)), list);
        }
    }

    /// <summary>Of each key the first values, one a line.</summary>
    private static Dictionary<string, List<string>> ReadBlocks(string text)
    {
        var blocks = new Dictionary<string, List<string>>(StringComparer.Ordinal);
        List<string>? values = null;
        foreach (var memory in DatabaseFile.Lines(text))
        {
            var line = memory.Span;
            if (line.IsEmpty)
                values = null;
            else if (values is null && line.Length > 2 && line[0] == '%' && line[^1] == '%')
                blocks[line[1..^1].ToString()] = values = [];
            else if (values?.Count < LimitValues)
                values.Add(line.ToString());
        }
        return blocks;
    }

    private static void AddPackage(Dictionary<string, List<string>> blocks, PackageList list)
    {
        var name = First("NAME");
        var (epoch, version, release) = Dpkg.DpkgDatabase.Split(First("VERSION"));
        var source = First("BASE");
        list.Add(new(PackageManager.Alpm, name, First("ARCH"), epoch, version, release)
        {
            Source = source.Length > 0 ? source : name,
            InstalledBytes = long.TryParse(First("SIZE"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null,
            License = string.Join(" AND ", blocks.GetValueOrDefault("LICENSE") ?? []),
            Url = First("URL"),
            Build = First("BUILDDATE"),
        });

        string First(string key) => blocks.GetValueOrDefault(key)?.FirstOrDefault() ?? "";
    }
}
