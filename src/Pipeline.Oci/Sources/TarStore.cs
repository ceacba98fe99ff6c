using System.Formats.Tar;

namespace Pipeline.Oci.Sources;

/// <summary>
/// The files of an uncompressed tar, by name; contents are read where they lie. Links to other files of the tar are
/// followed, as docker-archives name equal layers once.
/// </summary>
internal sealed class TarStore : IFileStore
{
    private const int MaxEntries = 100_000;
    private const int MaxLinks = 8;
    private readonly Dictionary<string, LocalBlob> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);
    private readonly bool _isSettled;

    /// <param name="isSettled">It is a file of the cache.</param>
    /// <exception cref="InvalidDataException">The file is no tar, or has more entries than any image archive.</exception>
    public TarStore(string path, bool isSettled)
    {
        _isSettled = isSettled;
        using var file = File.OpenRead(path);
        using var tar = new TarReader(file);
        for (var count = 0; Next(tar) is { } entry; count++)
        {
            if (count >= MaxEntries)
                throw new InvalidDataException($"it has more than {MaxEntries} entries");
            Add(path, entry);
        }
    }

    public LocalBlob? Find(string path)
    {
        var name = path;
        for (var links = 0; links <= MaxLinks; links++)
        {
            if (_files.TryGetValue(name, out var found))
                return found;
            if (!_links.TryGetValue(name, out name!))
                return null;
        }
        return null;
    }

    private void Add(string path, TarEntry entry)
    {
        var name = Normalise(entry.Name, "");
        if (entry.EntryType is TarEntryType.RegularFile or TarEntryType.V7RegularFile or TarEntryType.ContiguousFile)
            _files[name] = new(path, entry.DataOffset, entry.Length) { IsSettled = _isSettled };
        else if (entry.EntryType == TarEntryType.SymbolicLink)
            _links[name] = Normalise(entry.LinkName, name.Contains('/') ? name[..name.LastIndexOf('/')] : "");
        else if (entry.EntryType == TarEntryType.HardLink)
            _links[name] = Normalise(entry.LinkName, "");
    }

    private static TarEntry? Next(TarReader tar)
    {
        try
        {
            return tar.GetNextEntry();
        }
        catch (Exception e) when (e is FormatException or EndOfStreamException or ArgumentException or OverflowException or NotSupportedException)
        {
            throw new InvalidDataException("it is not a tar, or broken off", e);
        }
    }

    /// <summary>A path inside the tar, from its root; <c>..</c> goes no higher.</summary>
    private static string Normalise(string path, string folder)
    {
        var parts = new List<string>();
        foreach (var part in (path.StartsWith('/') ? path : folder + "/" + path).Split('/'))
        {
            if (part == ".." && parts.Count > 0)
                parts.RemoveAt(parts.Count - 1);
            else if (part is not ("" or "." or ".."))
                parts.Add(part);
        }
        return string.Join('/', parts);
    }
}
