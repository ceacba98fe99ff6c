namespace Pipeline.Engine.Building.Boot;

/// <summary>What the files of an image's kernels are called where a boot manager lists them: entries of the Boot Loader Specification, unified kernel images.</summary>
internal static class EntryNames
{
    /// <summary>
    /// <c>IMAGE-VERSION</c> for each version, in their order. A '+' with a number at the end would count boots (Boot Loader
    /// Specification, "Boot counting") and a '~' is allowed nowhere in a name: both become '_'. Where two versions are then alike
    /// to FAT, which knows no case, the later one gets a number: no kernel takes another's place.
    /// </summary>
    public static IReadOnlyList<string> Of(string image, IEnumerable<string> versions)
    {
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        return [.. versions.Select(v => Unused($"{image}-{v}".Replace('+', '_').Replace('~', '_'), used))];
    }

    private static string Unused(string name, HashSet<string> used)
    {
        var unused = name;
        for (var number = 2; !used.Add(unused); number++)
            unused = $"{name}-{number}";
        return unused;
    }
}
