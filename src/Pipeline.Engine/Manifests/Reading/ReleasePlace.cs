using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>Where releases are, in one word: <c>github</c>, <c>registry:HOST/PATH</c>, or a directory.</summary>
public static class ReleasePlace
{
    private const string Registry = "registry:";

    /// <summary>The configuration with another place; what it says of a store of the same kind stays.</summary>
    /// <param name="place">Null changes nothing. A directory is relative to the repository.</param>
    /// <exception cref="FormatException">It is no place.</exception>
    public static PipelineConfig Override(PipelineConfig config, string? place)
    {
        if (place is null)
            return config;
        if (place == "github")
            return config with { GitHub = config.GitHub ?? new(null, null, LargeFilePolicy.Split), ReleaseRegistry = null };
        if (!place.StartsWith(Registry, StringComparison.Ordinal))
            return DirectoryProblem(place) is { } wrong ? throw new FormatException(wrong) : config with { ReleaseDirectory = place, GitHub = null, ReleaseRegistry = null };
        var path = place[Registry.Length..];
        return Problem(path) is { } problem ? throw new FormatException(problem) : config with { ReleaseRegistry = path, GitHub = null };
    }

    /// <summary>A word of another kind would become a directory of that name, and everything would be released anew into it.</summary>
    private static string? DirectoryProblem(string place) =>
        place.Length == 0 ? "it is empty"
        : place.Equals("registry", StringComparison.OrdinalIgnoreCase) || place.Equals("github", StringComparison.OrdinalIgnoreCase) || place.IndexOf(':', StringComparison.Ordinal) > 0 && !place.StartsWith('/') && !place.StartsWith('.')
            ? "expected github, registry:HOST/PATH, or a directory, such as ./releases"
        : ManifestsProblem(place);

    /// <summary>Releases among the manifests would be read as images or boards, and committed with them.</summary>
    internal static string? ManifestsProblem(string directory) =>
        Path.GetRelativePath("/repository", Path.GetFullPath(directory, "/repository")).Split('/')[0] is "images" or "boards"
            ? "the manifests are there; name another directory, such as releases"
        : null;

    /// <summary>What is wrong with <c>HOST[:PORT]/PATH</c>; null where nothing is.</summary>
    internal static string? Problem(string path) =>
        RegistryPlace.Problem(Placeholders.Aggregate(path, (text, name) => text.Replace(name, "x", StringComparison.Ordinal)));

    /// <summary>Stand for those of the repository on GitHub, so that a fork need not edit them.</summary>
    private static readonly string[] Placeholders = ["{owner}", "{repository}"];

    public static bool HasPlaceholders(string path) => Placeholders.Any(p => path.Contains(p, StringComparison.Ordinal));

    /// <summary>Names in registries have no capitals, and those of GitHub may have.</summary>
    public static string Fill(string path, string owner, string repository) =>
        path.Replace("{owner}", owner.ToLowerInvariant(), StringComparison.Ordinal).Replace("{repository}", repository.ToLowerInvariant(), StringComparison.Ordinal);
}
