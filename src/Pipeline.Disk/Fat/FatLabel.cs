using System.Buffers;
using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Fat;

/// <summary>The rules of a volume label, so that a manifest can be checked long before anything is built.</summary>
public static class FatLabel
{
    public const int MaxLength = 11;

    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 !#$%&'()-@^_`{}~");

    /// <summary>Every mistake of a label; none for null and empty.</summary>
    public static ImmutableArray<Diagnostic> Check(string? label, SourceSpan? span)
    {
        if (string.IsNullOrEmpty(label))
            return [];
        var bag = new DiagnosticBag();
        if (label.Length > MaxLength)
            bag.Add(FatRules.LabelTooLong, span, label, label.Length);
        var bad = label.AsSpan().IndexOfAnyExcept(Allowed);
        if (bad >= 0)
            bag.Add(FatRules.LabelCharacter, span, label, char.IsControl(label[bad]) ? $"U+{(int)label[bad]:X4}" : $"'{label[bad]}'");
        else if (label[0] == ' ')
            bag.Add(FatRules.LabelCharacter, span, label, "a space at its start");
        if (label.AsSpan().ContainsAnyInRange('a', 'z'))
            bag.Add(FatRules.LabelLowerCase, span, label, label.ToUpperInvariant());
        return bag.ToImmutable();
    }

    /// <summary>The eleven bytes as they lie on disk, padded with spaces; "NO NAME" for none.</summary>
    internal static void WriteTo(Span<byte> field, string? label)
    {
        field[..MaxLength].Fill((byte)' ');
        var text = string.IsNullOrEmpty(label) ? "NO NAME" : label;
        for (var i = 0; i < text.Length; i++)
            field[i] = (byte)text[i];
    }
}
