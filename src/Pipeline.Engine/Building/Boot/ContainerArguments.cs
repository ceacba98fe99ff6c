using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Rootfs;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Building.Boot;

/// <summary>
/// Kernel arguments that the source itself asks for, in bootc's way: <c>/usr/lib/bootc/kargs.d/*.toml</c> in the order of
/// the names, those for other architectures left out.
/// </summary>
internal static class ContainerArguments
{
    private const string Folder = "/usr/lib/bootc/kargs.d";
    private const int MaxFiles = 256;
    private const string Arguments = "kargs";
    private const string Architectures = "match-architectures";

    public static IReadOnlyList<string> Read(DiskJob job, FileTree tree, DiagnosticBag bag)
    {
        if (tree.Find(Folder) is not DirectoryNode folder)
            return [];
        var words = new List<string>();
        foreach (var name in folder.Children.Select(c => c.Key.ToString()).Where(n => n.EndsWith(".toml", StringComparison.Ordinal)).Take(MaxFiles))
        {
            try
            {
                words.AddRange(ReadFile(job, TreeText.Read(tree, $"{Folder}/{name}") ?? throw new FormatException("it is no file, or far too long")));
            }
            catch (FormatException e)
            {
                bag.Add(BuildingRules.ArgumentsFile, job.Target.Image.Source.Span, $"{Folder}/{name}", e.Message);
            }
        }
        return words;
    }

    private static IEnumerable<string> ReadFile(DiskJob job, string text)
    {
        var values = TomlStrings.Read(text);
        if (values.Keys.FirstOrDefault(k => k is not (Arguments or Architectures)) is { } unknown)
            throw new FormatException($"unknown key '{unknown}'");
        if (values.TryGetValue(Architectures, out var only) && !only.Contains(NameOf(job.Board.Platform)))
            return [];
        var words = values.GetValueOrDefault(Arguments, []).SelectMany(Split).ToList();
        return words.Select(KernelArgumentText.Problem).FirstOrDefault(p => p is not null) is { } problem
            ? throw new FormatException($"one argument cannot be used: {problem}")
            : words;
    }

    /// <summary>An item may hold several arguments; a space between double quotes is none.</summary>
    internal static IEnumerable<string> Split(string item)
    {
        var (start, isQuoted) = (0, false);
        for (var i = 0; i <= item.Length; i++)
        {
            if (i < item.Length && item[i] == '"')
                isQuoted = !isQuoted;
            if (i < item.Length && (item[i] != ' ' || isQuoted))
                continue;
            if (i > start)
                yield return item[start..i];
            start = i + 1;
        }
    }

    /// <summary>The names of Rust, in which bootc compares.</summary>
    private static string NameOf(Platform platform) => platform.Architecture switch
    {
        "amd64" => "x86_64",
        "386" => "x86",
        "arm64" => "aarch64",
        "ppc64le" => "powerpc64",
        var same => same,
    };
}
