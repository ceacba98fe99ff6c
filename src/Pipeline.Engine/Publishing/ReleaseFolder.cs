namespace Pipeline.Engine.Publishing;

/// <summary>Finds the directory of a release that somebody means: a path, or <c>IMAGE[/VERSION]</c> of the store.</summary>
public static class ReleaseFolder
{
    /// <param name="storePath">The release store; absolute, need not exist.</param>
    /// <returns>A directory with SHA256SUMS; null where there is none.</returns>
    public static string? Find(string what, string storePath)
    {
        var words = what.Split('/');
        var inStore = words.Length <= 2 && words.All(ReleaseNames.IsValid) ? Path.Combine(storePath, what) : null;
        foreach (var directory in new[] { Path.GetFullPath(what), inStore }.OfType<string>())
        {
            if (File.Exists(Path.Combine(directory, ReleaseDocuments.Checksums)))
                return directory;
            if (File.Exists(Path.Combine(directory, "latest", ReleaseDocuments.Checksums)))
                return Path.Combine(directory, "latest");
        }
        return null;
    }
}
