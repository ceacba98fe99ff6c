using System.Formats.Tar;
using Pipeline.Core.Compression;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Opening.Remotes;

/// <summary>
/// Writes the files of a tar, which may be hostile: regular files and links only, within limits, no name that leads
/// elsewhere, links last, nothing through a link. Owners, times and modes other than "is a program" are not kept.
/// </summary>
/// <param name="rootPath">Absolute, exists. Several tars may follow each other; a later one replaces files.</param>
internal sealed class TarTree(string rootPath, int entryLimit, ByteSize sizeLimit)
{
    private readonly SortedDictionary<string, string> _links = new(StringComparer.Ordinal);
    private int _entries;
    private long _written;

    /// <exception cref="InvalidDataException">The tar is not one, or holds what it must not.</exception>
    public async Task WriteAsync(byte[] packed, CancellationToken ct)
    {
        using var input = new MemoryStream(packed);
        await using var plain = Compression.OpenDecoder(input, new DecoderLimits(sizeLimit.Bytes, 2000, 64 << 20));
        await using var tar = new TarReader(plain);
        while (await tar.GetNextEntryAsync(copyData: false, ct) is { } entry)
        {
            if (++_entries > entryLimit || (_written += entry.Length) > sizeLimit.Bytes)
                throw new InvalidDataException($"it holds more than {entryLimit} files or {sizeLimit}");
            await WriteAsync(entry, ct);
        }
    }

    /// <summary>The last step.</summary>
    public void WriteLinks()
    {
        foreach (var (name, target) in _links)
        {
            var path = Path.Combine(rootPath, name);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            File.CreateSymbolicLink(path, target);
        }
    }

    private async Task WriteAsync(TarEntry entry, CancellationToken ct)
    {
        var name = entry.Name.StartsWith("./", StringComparison.Ordinal) ? entry.Name[2..] : entry.Name;
        switch (entry.EntryType)
        {
            case TarEntryType.Directory or TarEntryType.GlobalExtendedAttributes:
                return;
            case TarEntryType.SymbolicLink:
                Check(name);
                _links[name] = entry.LinkName;
                return;
            case TarEntryType.RegularFile or TarEntryType.V7RegularFile:
                Check(name);
                await WriteFileAsync(entry, Path.Combine(rootPath, name), ct);
                return;
            default:
                throw new InvalidDataException($"'{Shown(name)}' is neither a file, a directory nor a link");
        }
    }

    private void Check(string name)
    {
        if (name.Length is 0 or > 2000 || name.Split('/').Any(p => p is "" or "." or ".." || p.Length > 255) || name.Any(char.IsControl))
            throw new InvalidDataException($"the name '{Shown(name)}' leads elsewhere");
        for (var slash = name.Length; slash > 0; slash = name.LastIndexOf('/', slash - 1))
        {
            if (_links.ContainsKey(name[..slash]))
                throw new InvalidDataException($"'{Shown(name)}' is a link as well");
        }
        if (_links.Keys.Any(l => l.StartsWith(name + "/", StringComparison.Ordinal)))
            throw new InvalidDataException($"'{Shown(name)}' is a folder as well");
    }

    private static string Shown(string name) => string.Concat(name.Take(100).Select(c => char.IsControl(c) ? '\u00b7' : c));

    private static async Task WriteFileAsync(TarEntry entry, string path, CancellationToken ct)
    {
        if (Directory.Exists(path))
            throw new InvalidDataException($"'{Shown(entry.Name)}' is a folder as well");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.Delete(path);
        const UnixFileMode plain = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
        const UnixFileMode executable = plain | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = (entry.Mode & UnixFileMode.UserExecute) != 0 ? executable : plain;
        await using var file = new FileStream(path, options);
        if (entry.DataStream is { } data)
            await data.CopyToAsync(file, ct);
    }
}
