using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Fat;

/// <summary>
/// One name as FAT keeps it: eleven bytes (8.3, padded with spaces), two flags that show its parts in lower case, and
/// a long name where those cannot say it.
/// </summary>
internal sealed record FatName(byte[] Short, byte CaseFlags, string? Long)
{
    public const int ShortBytes = 11;
    public const int MaxLongLength = 255;
    public const int UnitsPerSlot = 13;
    private const byte LowerBase = 0x08;
    private const byte LowerExtension = 0x10;

    private static readonly SearchValues<char> ShortCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&'()-@^_`{}~");

    private static readonly SearchValues<char> Forbidden = SearchValues.Create("\"*/:<>?\\|");

    /// <summary>Directory slots: one for the short entry, one for every thirteen UTF-16 units of a long name.</summary>
    public int SlotCount => 1 + (Long is null ? 0 : (Long.Length + UnitsPerSlot - 1) / UnitsPerSlot);

    /// <summary>The name as text, or why FAT cannot hold it.</summary>
    public static string? Decode(FileName name, out string reason)
    {
        reason = "";
        if (!Utf8.IsValid(name.Bytes))
        {
            reason = "it is not UTF-8";
            return null;
        }
        var text = Encoding.UTF8.GetString(name.Bytes);
        reason = Complaint(text);
        return reason.Length == 0 ? text : null;
    }

    /// <summary>The entry of a name that is an 8.3 name but for its case; null for every other name.</summary>
    public static FatName? TryShort(string text)
    {
        var dot = text.LastIndexOf('.');
        var main = dot < 0 ? text : text[..dot];
        var extension = dot < 0 ? "" : text[(dot + 1)..];
        if (main.Length is 0 or > 8 || extension.Length > 3 || (dot >= 0 && extension.Length == 0))
            return null;
        if (main.AsSpan().ContainsAnyExcept(ShortCharacters) || extension.AsSpan().ContainsAnyExcept(ShortCharacters))
            return null;
        var mixed = IsMixed(main) || IsMixed(extension);
        var flags = (HasLower(main) ? LowerBase : 0) | (HasLower(extension) ? LowerExtension : 0);
        return new(Pad(main, extension), mixed ? (byte)0 : (byte)flags, mixed ? text : null);
    }

    /// <summary>The checksum of the short name that ties the slots of a long name to it.</summary>
    public byte Checksum()
    {
        byte sum = 0;
        foreach (var c in Short)
            sum = (byte)((sum << 7 | sum >> 1) + c);
        return sum;
    }

    /// <summary>Eleven bytes from the two parts, in upper case; what is too long is cut.</summary>
    public static byte[] Pad(string main, string extension)
    {
        var padded = new byte[ShortBytes];
        padded.AsSpan().Fill((byte)' ');
        for (var i = 0; i < Math.Min(8, main.Length); i++)
            padded[i] = (byte)char.ToUpperInvariant(main[i]);
        for (var i = 0; i < Math.Min(3, extension.Length); i++)
            padded[8 + i] = (byte)char.ToUpperInvariant(extension[i]);
        return padded;
    }

    /// <summary>The parts of an alias without its number: spaces and dots vanish, what 8.3 lacks becomes '_'.</summary>
    public static (string Main, string Extension) AliasParts(string text)
    {
        var trimmed = text.TrimStart('.', ' ');
        var dot = trimmed.LastIndexOf('.');
        var main = Squeeze(dot < 0 ? trimmed : trimmed[..dot], 8);
        return (main.Length == 0 ? "_" : main, dot < 0 ? "" : Squeeze(trimmed[(dot + 1)..], 3));
    }

    private static string Squeeze(string text, int maxLength)
    {
        var squeezed = new StringBuilder(maxLength);
        foreach (var rune in text.EnumerateRunes())
        {
            if (squeezed.Length == maxLength)
                break;
            if (rune.Value is not (' ' or '.'))
                squeezed.Append(rune.IsAscii && ShortCharacters.Contains((char)rune.Value) ? char.ToUpperInvariant((char)rune.Value) : '_');
        }
        return squeezed.ToString();
    }

    private static string Complaint(string text)
    {
        if (text.Length > MaxLongLength)
            return $"it has {text.Length} UTF-16 units, at most {MaxLongLength} fit";
        if (text.AsSpan().ContainsAnyInRange('\0', '\x1F') || text.Contains('\x7F', StringComparison.Ordinal))
            return "it contains a control character";
        var bad = text.AsSpan().IndexOfAny(Forbidden);
        if (bad >= 0)
            return $"it contains '{text[bad]}'";
        return text[^1] is '.' or ' ' ? "it ends with a dot or a space" : "";
    }

    private static bool HasLower(string part) => part.AsSpan().ContainsAnyInRange('a', 'z');

    private static bool IsMixed(string part) => HasLower(part) && part.AsSpan().ContainsAnyInRange('A', 'Z');
}
