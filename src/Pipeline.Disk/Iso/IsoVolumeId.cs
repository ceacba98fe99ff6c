namespace Pipeline.Disk.Iso;

/// <summary>What a volume identifier may be.</summary>
public static class IsoVolumeId
{
    /// <summary>
    /// What is wrong with it; null where nothing is. The standard has A-Z, 0-9 and _; small letters and - . + are in wide use,
    /// and no reader minds. A space would be one mind too many: boot loaders and kernel command lines name the volume.
    /// </summary>
    public static string? Problem(string text) =>
        text.Length == 0 ? "is empty"
        : text.Length > IsoFormat.MaxVolumeId ? $"has {text.Length} characters"
        : text.Where(c => !IsAllowed(c)).Select(c => char.IsControl(c) ? $"has the character U+{(int)c:X4}" : $"has the character '{c}'").FirstOrDefault();

    public static bool IsAllowed(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '+';
}
