using System.Collections.Immutable;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>Several files as one: keys of the kernel override one by one, lists follow each other, in the order of the files.</summary>
internal static class LinuxKitMerge
{
    /// <summary>In LinuxKit's order, which is also that of the metadata.</summary>
    private static readonly string[] Lists = ["init", "onboot", "onshutdown", "services", "files", "volumes"];

    /// <summary>An empty text of these says nothing.</summary>
    private static readonly string[] NotEmpty = ["image", "cmdline", "binary"];

    /// <param name="files">At least one.</param>
    public static YamlMap Merge(IReadOnlyList<YamlMap> files)
    {
        var entries = ImmutableArray.CreateBuilder<YamlEntry>();
        var kernels = files.Select(f => f.Find("kernel")).OfType<YamlEntry>().Where(k => k.Value is YamlMap).ToList();
        if (kernels.Count > 0)
            entries.Add(kernels[0] with { Value = Kernel([.. kernels.Select(k => (YamlMap)k.Value)]) });
        foreach (var list in Lists)
        {
            var found = files.Select(f => f.Find(list)).OfType<YamlEntry>().ToList();
            if (found.Count > 0)
                entries.Add(found[0] with { Value = new YamlSequence([.. files.SelectMany(f => f.Items(list))], found[0].Value.Span) });
        }
        if (files.Select(f => f.Find("trust")).FirstOrDefault(t => t is not null) is { } trust)
            entries.Add(trust);
        return new(entries.ToImmutable(), files[0].Span);
    }

    private static YamlMap Kernel(IReadOnlyList<YamlMap> kernels)
    {
        var entries = new List<YamlEntry>();
        foreach (var own in kernels.SelectMany(k => k.Entries).Where(e => !(NotEmpty.Contains(e.Key) && e.Value is YamlScalar { Text: "" })))
        {
            var old = entries.FindIndex(e => e.Key == own.Key);
            if (old < 0)
                entries.Add(own);
            else
                entries[old] = own;
        }
        return new([.. entries], kernels[0].Span);
    }
}
