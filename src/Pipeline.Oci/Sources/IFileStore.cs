namespace Pipeline.Oci.Sources;

/// <summary>Named files of an image on disk: of a directory, or of a tar that holds one.</summary>
internal interface IFileStore
{
    /// <summary>The place of a file by its path inside, with forward slashes; null where there is none.</summary>
    LocalBlob? Find(string path);
}

/// <summary>The files of a directory.</summary>
internal sealed class DirectoryStore(string root) : IFileStore
{
    public LocalBlob? Find(string path)
    {
        var file = new FileInfo(Path.Combine(root, path));
        return file.Exists ? new(file.FullName, 0, file.Length) : null;
    }
}
