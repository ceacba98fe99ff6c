using System.Security.Cryptography;
using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>The files of the repository that a build reads contents from; open until the image is written.</summary>
internal sealed class RepositoryFiles : IDisposable
{
    private readonly Dictionary<string, FileSource> _open = new(StringComparer.Ordinal);

    /// <summary>Null where the file is gone.</summary>
    public FileContent? Open(string path)
    {
        try
        {
            if (!_open.TryGetValue(path, out var source))
                _open.Add(path, source = FileSource.Open(path));
            return FileContent.Of(source, 0, RandomAccess.GetLength(source.Handle));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
    }

    /// <summary>Lower-case hex.</summary>
    public string Sha256(string path)
    {
        using var stream = File.OpenRead(path);
        return Convert.ToHexStringLower(SHA256.HashData(stream));
    }

    public void Dispose()
    {
        foreach (var source in _open.Values)
            source.Dispose();
    }
}
