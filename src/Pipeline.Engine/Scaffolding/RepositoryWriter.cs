using System.Collections.Immutable;

namespace Pipeline.Engine.Scaffolding;

/// <summary>Writes a new repository. Nothing of the user's is touched: files that are there stay as they are.</summary>
public static class RepositoryWriter
{
    /// <summary>Whether a directory already holds a repository of manifests.</summary>
    public static bool IsRepository(string directory) =>
        File.Exists(Path.Combine(directory, "pipeline.yaml")) || Directory.Exists(Path.Combine(directory, "images"));

    /// <param name="directory">Absolute; made when needed.</param>
    /// <returns>Paths (relative) of what was written and of what was there already.</returns>
    public static (ImmutableArray<string> Written, ImmutableArray<string> Kept) Write(string directory, FirstImage first)
    {
        var (written, kept) = (ImmutableArray.CreateBuilder<string>(), ImmutableArray.CreateBuilder<string>());
        foreach (var (path, text) in NewRepository.Files(first))
        {
            var full = Path.Combine(directory, path);
            if (File.Exists(full))
            {
                kept.Add(path);
                continue;
            }
            Directory.CreateDirectory(Path.GetDirectoryName(full)!);
            File.WriteAllText(full, text);
            written.Add(path);
        }
        return (written.ToImmutable(), kept.ToImmutable());
    }
}
