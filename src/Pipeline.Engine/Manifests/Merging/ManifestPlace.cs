using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Merging;

/// <summary>A manifest's file, in the repository or in a tree from elsewhere.</summary>
/// <param name="File">Relative to the repository or the tree.</param>
internal readonly record struct ManifestPlace(SourceTree? Tree, string File)
{
    /// <summary>As spans name it.</summary>
    public string Name => Tree?.Name(File) ?? File;

    public string RootIn(string rootPath) => Tree?.RootPath ?? rootPath;

    public string PathIn(string rootPath) => Path.Combine(RootIn(rootPath), File);
}
