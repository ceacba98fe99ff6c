using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>One of the colon-separated tables in /etc (passwd, shadow, group, gshadow), in the order of its lines.</summary>
internal sealed class AccountFile
{
    private readonly string _path;
    private readonly ushort _permissions;
    private readonly List<string[]> _lines = [];

    private AccountFile(string path, ushort permissions) => (_path, _permissions) = (path, permissions);

    public static AccountFile Read(FileTree tree, string path, ushort permissions)
    {
        var file = new AccountFile(path, permissions);
        foreach (var line in (TreeText.Read(tree, path) ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries))
            file._lines.Add(line.Split(':'));
        return file;
    }

    public IEnumerable<string[]> Lines => _lines;

    public string[]? Find(string name) => _lines.Find(l => l[0] == name);

    /// <summary>The first line with this number in its third field.</summary>
    public string[]? FindId(uint id) => _lines.Find(l => l.Length > 2 && uint.TryParse(l[2], out var found) && found == id);

    public uint? IdOf(string name) => Find(name) is { Length: > 2 } line && uint.TryParse(line[2], out var id) ? id : null;

    public static bool IsFree(uint id, params ReadOnlySpan<AccountFile> files)
    {
        foreach (var file in files)
        {
            if (file.FindId(id) is not null)
                return false;
        }
        return true;
    }

    public void Add(params string[] fields) => _lines.Add(fields);

    public void Write(FileTree tree, UnixTime clock) =>
        TreeText.Write(tree, _path, string.Concat(_lines.Select(l => string.Join(':', l) + "\n")), clock, _permissions);
}
