using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Inventories.Apk;

/// <summary>Alpine's packages: records of lines, a letter and a colon before each value, an empty line behind each record.</summary>
internal static class ApkDatabase
{
    /// <summary>The second is where apk 3 keeps it on a merged /usr. On such a system the first may be a link to it.</summary>
    private static readonly string[] Paths = ["/lib/apk/db/installed", "/usr/lib/apk/db/installed"];

    public static PackageList? Read(FileTree tree, DiagnosticBag bag)
    {
        foreach (var path in Paths)
        {
            if (DatabaseFile.Find(tree, path) is { Content.LengthBytes: > 0 } file)
                return Guard.Read(path, bag, list => ReadRecords(DatabaseFile.ReadText(file), list));
        }
        return null;
    }

    private static void ReadRecords(string text, PackageList list)
    {
        var fields = new Dictionary<char, string>();
        foreach (var memory in DatabaseFile.Lines(text))
        {
            var line = memory.Span;
            if (line.IsEmpty)
            {
                AddRecord(fields, list);
                fields.Clear();
            }
            else if (line.Length > 1 && line[1] == ':')
            {
                // Files of the package (F, R, ...) come many times; of what is read here there is one.
                fields.TryAdd(line[0], line[2..].ToString());
            }
        }
        AddRecord(fields, list);
    }

    private static void AddRecord(Dictionary<char, string> fields, PackageList list)
    {
        if (fields.Count == 0)
            return;
        var name = fields.GetValueOrDefault('P', "");
        var (version, release) = Split(fields.GetValueOrDefault('V', ""));
        list.Add(new(PackageManager.Apk, name, fields.GetValueOrDefault('A', ""), 0, version, release)
        {
            Source = fields.GetValueOrDefault('o', name),
            InstalledBytes = long.TryParse(fields.GetValueOrDefault('I'), NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : null,
            License = fields.GetValueOrDefault('L', ""),
            Url = fields.GetValueOrDefault('U', ""),
            Build = fields.GetValueOrDefault('C', ""),
        });
    }

    /// <summary><c>1.2_rc1-r3</c>: what follows the last <c>-r</c> is the release where it is a number.</summary>
    internal static (string Version, string Release) Split(string text)
    {
        var at = text.LastIndexOf("-r", StringComparison.Ordinal);
        return at > 0 && at + 2 < text.Length && text.AsSpan(at + 2).IndexOfAnyExceptInRange('0', '9') < 0 ? (text[..at], text[(at + 2)..]) : (text, "");
    }
}
