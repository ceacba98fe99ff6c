using System.Globalization;
using System.Text;

namespace Pipeline.Disk.Iso.Placing;

/// <summary>A name as one of the directory trees knows it.</summary>
internal sealed record NamedEntry(byte[] Identifier, IsoEntry Entry);

/// <summary>
/// Names for readers that know neither Rock Ridge nor Joliet: capitals, digits and underscores, at most 30 with the
/// extension, each once in its directory. ECMA-119 §7.5 and §10.3 (level 3).
/// </summary>
internal static class IsoNames
{
    private const int MaxExtension = 8;
    private const string Version = ";1";

    /// <summary>Sorted as ECMA-119 §9.3 asks: by name, then by extension, shorter ones as if filled with spaces.</summary>
    public static IReadOnlyList<NamedEntry> Assign(IEnumerable<IsoEntry> entries)
    {
        var names = new UniqueNames(IsoFormat.MaxIdentifier);
        var assigned = new List<(string Name, string Extension, IsoEntry Entry)>();
        foreach (var entry in entries)
        {
            var (name, extension) = Mangle(entry);
            assigned.Add((names.Take(name, extension), extension, entry));
        }
        return [.. assigned.OrderBy(a => a.Name, StringComparer.Ordinal).ThenBy(a => a.Extension, StringComparer.Ordinal)
            .Select(a => new NamedEntry(Encoding.ASCII.GetBytes(Identifier(a.Name, a.Extension, a.Entry)), a.Entry))];
    }

    private static string Identifier(string name, string extension, IsoEntry entry) =>
        entry.Directory is null ? $"{name}.{extension}{Version}" : name;

    private static (string Name, string Extension) Mangle(IsoEntry entry)
    {
        var text = string.Concat(entry.Name.Bytes.ToArray().Select(Character));
        var dot = entry.Directory is null ? entry.Name.Bytes.LastIndexOf((byte)'.') : -1;
        if (dot <= 0)
            return (Cut(text, IsoFormat.MaxIdentifier), "");
        var extension = Cut(text[(dot + 1)..], MaxExtension);
        return (Cut(text[..dot], IsoFormat.MaxIdentifier - extension.Length), extension);
    }

    private static char Character(byte value) => (char)value switch
    {
        >= 'a' and <= 'z' => (char)(value - 'a' + 'A'),
        (>= 'A' and <= 'Z') or (>= '0' and <= '9') => (char)value,
        _ => '_',
    };

    private static string Cut(string text, int length) => text[..Math.Min(text.Length, length)];
}

/// <summary>Gives a name that is taken already a number at its end, in place of as many characters as needed.</summary>
/// <param name="maxLength">Of name and extension together.</param>
internal sealed class UniqueNames(int maxLength)
{
    private readonly HashSet<(string, string)> _taken = [];
    private readonly Dictionary<(string, string), int> _next = [];

    public string Take(string name, string extension)
    {
        if (_taken.Add((name, extension)))
            return name;
        var number = _next.GetValueOrDefault((name, extension));
        while (true)
        {
            var digits = number++.ToString(CultureInfo.InvariantCulture);
            var free = maxLength - extension.Length - digits.Length;
            var numbered = name[..Math.Min(name.Length, free)] + digits;
            if (!_taken.Add((numbered, extension)))
                continue;
            _next[(name, extension)] = number;
            return numbered;
        }
    }
}
