namespace Pipeline.Engine.Building.Isos;

/// <summary>Whether a menu entry that a container wrote down finds its files and its medium on this ISO. Its words are GRUB's; what is no plain word is left to GRUB.</summary>
/// <param name="has">Whether the ISO has a file.</param>
/// <param name="label">The ISO's own.</param>
internal sealed class IsoMenuCheck(Func<string, bool> has, string label)
{
    /// <summary>Arguments by which initrds find the medium: dracut's live systems, Anaconda.</summary>
    private static readonly string[] Media = ["root=live:CDLABEL=", "root=live:LABEL=", "inst.stage2=hd:LABEL=", "inst.repo=hd:LABEL="];

    /// <param name="linux">Path and arguments, placeholders filled in; so is <paramref name="initrd"/>.</param>
    /// <param name="isRootGiven">The manifest says another root behind these arguments.</param>
    /// <returns>What is wrong, and what to do; null where nothing is.</returns>
    public string? Problem(string linux, string initrd, bool isRootGiven)
    {
        var words = Words(linux);
        if (words.Take(1).Concat(Words(initrd)).FirstOrDefault(IsNowhere) is { } path)
            return $"the ISO has no {path}; write ${{kernelpath}} and ${{initrdpath}}";
        foreach (var (word, start) in words.SelectMany(w => Media.Where(m => w.StartsWith(m, StringComparison.Ordinal)).Select(m => (w, m))))
        {
            var name = word[start.Length..].Split(':')[0];
            if (name != label && !name.Contains('$') && !(isRootGiven && start.StartsWith("root=", StringComparison.Ordinal)))
                return $"it looks for a medium called '{name}', and this one is called '{label}'; write ${{isolabel}}";
        }
        return null;
    }

    /// <summary>GRUB takes paths from the root of a device only, and a variable that nothing sets for no path at all.</summary>
    private bool IsNowhere(string path) => path[0] switch
    {
        '/' => !has(path),
        '(' => false,
        '$' => path.StartsWith("${", StringComparison.Ordinal) && path.IndexOf('}') == path.Length - 1,
        _ => true,
    };

    private static string[] Words(string line) =>
        [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Select(w => w.Trim('"', '\'')).Where(w => w.Length > 0)];
}
