using Pipeline.Engine.Manifests;

namespace Pipeline.Cli;

/// <summary>The names that a shell offers behind a verb. Only names of files are looked at: a mistake in a manifest must not matter here.</summary>
internal static class NameCompletions
{
    public static IEnumerable<string> Images() =>
        Names("images", Directory.EnumerateDirectories).Where(n => n is not null).Select(n => n!);

    public static IEnumerable<string> Boards() =>
        Names("boards", d => Directory.EnumerateFiles(d, "*.yaml")).Concat(ShippedBoards.Names).Distinct(StringComparer.Ordinal);

    private static List<string> Names(string folder, Func<string, IEnumerable<string>> list)
    {
        try
        {
            var directory = Path.Combine(Places.FindRepository(null), folder);
            return Directory.Exists(directory) ? [.. list(directory).Select(p => Path.GetFileNameWithoutExtension(p)!)] : [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
