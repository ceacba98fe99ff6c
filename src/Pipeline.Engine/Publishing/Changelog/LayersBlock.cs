using System.Text;
using Pipeline.Core.Units;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Publishing.Packages;

namespace Pipeline.Engine.Publishing.Changelog;

/// <summary>How much of the container is new: what a machine that has the one before downloads.</summary>
internal static class LayersBlock
{
    public static string Write(ReleaseNotesInput input)
    {
        var text = new StringBuilder();
        foreach (var same in input.Platforms.Where(p => !p.New.Layers.IsEmpty).GroupBy(Sentence))
            text.Append($"{(text.Length > 0 ? "\n" : "")}{(input.Platforms.Length > 1 ? string.Join(", ", same.Select(p => Markdown.Code(p.Platform))) + ": " : "")}{same.Key}");
        return text.ToString();
    }

    private static string Sentence(PlatformPackages platform)
    {
        var all = platform.New.Layers;
        var whole = $"{Count(all.Length)}, {Sum(all)}";
        if (platform.Old is not { } old)
            return $"{whole}.";
        var had = old.Layers.Select(l => l.Digest).ToHashSet();
        var fresh = all.Where(l => !had.Contains(l.Digest)).ToList();
        return fresh.Count == 0 ? $"{whole}; the same as before."
            : fresh.Count == all.Length ? $"{whole}; none shared with the release before."
            : $"{whole}; {fresh.Count} new ({Sum(fresh)}), {all.Length - fresh.Count} shared with the release before.";
    }

    private static string Count(int layers) => layers == 1 ? "1 layer" : $"{layers} layers";

    private static ByteSize Sum(IEnumerable<SourceLayer> layers) => new(layers.Sum(l => l.Size.Bytes));
}
