using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Inventories.Dpkg;

/// <summary>
/// Debian's packages: <c>/var/lib/dpkg/status</c>, and one file a package in <c>status.d</c> where images are put together
/// without dpkg (distroless). Stanzas of <c>Field: value</c> with an empty line between them, as in deb-control(5).
/// </summary>
internal static class DpkgDatabase
{
    private const string StatusPath = "/var/lib/dpkg/status";
    private const string DirectoryPath = "/var/lib/dpkg/status.d";
    private const string ChecksumsSuffix = ".md5sums";
    private const int KiB = 1024;

    public static IEnumerable<PackageList> Read(FileTree tree, DiagnosticBag bag)
    {
        if (DatabaseFile.Find(tree, StatusPath) is { Content.LengthBytes: > 0 } status && Guard.Read(StatusPath, bag, list => ReadStanzas(DatabaseFile.ReadText(status), list)) is { } whole)
            yield return whole;
        if (tree.Find(DirectoryPath) is DirectoryNode directory && Guard.Read(DirectoryPath, bag, list => ReadDirectory(tree, directory, list)) is { } parts)
            yield return parts;
    }

    private static void ReadDirectory(FileTree tree, DirectoryNode directory, PackageList list)
    {
        long total = 0;
        foreach (var (name, _) in directory.Children)
        {
            var text = name.ToString();
            if (text.EndsWith(ChecksumsSuffix, StringComparison.Ordinal) || DatabaseFile.Find(tree, $"{DirectoryPath}/{text}") is not { } file)
                continue;
            total += file.Content.LengthBytes;
            if (total > DatabaseFile.TextLimitBytes)
                throw new InvalidDataException($"more than {DatabaseFile.TextLimitBytes} bytes in all");
            ReadStanzas(DatabaseFile.ReadText(file), list);
        }
    }

    private static void ReadStanzas(string text, PackageList list)
    {
        var fields = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var memory in DatabaseFile.Lines(text))
        {
            var line = memory.Span;
            if (line.Trim().IsEmpty)
            {
                AddStanza(fields, list);
                fields.Clear();
            }
            else if (line[0] is not (' ' or '\t') && line.IndexOf(':') is var colon and > 0)
            {
                fields.TryAdd(line[..colon].ToString(), line[(colon + 1)..].Trim().ToString());
            }
        }
        AddStanza(fields, list);
    }

    private static void AddStanza(Dictionary<string, string> fields, PackageList list)
    {
        if (fields.Count == 0 || !IsInstalled(fields.GetValueOrDefault("Status")))
            return;
        var name = fields.GetValueOrDefault("Package", "");
        var (epoch, version, revision) = Split(fields.GetValueOrDefault("Version", ""));
        list.Add(new(PackageManager.Deb, name, fields.GetValueOrDefault("Architecture", ""), epoch, version, revision)
        {
            Source = fields.GetValueOrDefault("Source", name).Split(' ', 2)[0],
            InstalledBytes = long.TryParse(fields.GetValueOrDefault("Installed-Size"), NumberStyles.None, CultureInfo.InvariantCulture, out var size) && size < long.MaxValue / KiB ? size * KiB : null,
            Url = fields.GetValueOrDefault("Homepage", ""),
        });
    }

    /// <summary>
    /// The last of three words counts: a package on hold is installed, one that left only its configuration is not. What
    /// has no status (status.d) is installed by being there.
    /// </summary>
    private static bool IsInstalled(string? status) => status is null || status.EndsWith(" installed", StringComparison.Ordinal);

    /// <summary><c>[epoch:]upstream[-revision]</c>, deb-version(7): the first colon, the last hyphen.</summary>
    internal static (long Epoch, string Version, string Revision) Split(string text)
    {
        long epoch = 0;
        var colon = text.IndexOf(':', StringComparison.Ordinal);
        if (colon > 0 && int.TryParse(text.AsSpan(0, colon), NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            (epoch, text) = (number, text[(colon + 1)..]);
        var hyphen = text.LastIndexOf('-');
        return hyphen < 0 ? (epoch, text, "") : (epoch, text[..hyphen], text[(hyphen + 1)..]);
    }
}
