namespace Pipeline.Kit;

/// <summary>Files that take long to make: each once, kept beside the build's artifacts. Tests read them and never write.</summary>
/// <param name="folder">Below <c>.artifacts</c>.</param>
public sealed class MadeFiles(string folder)
{
    private readonly SemaphoreSlim _oneAtATime = new(1);

    /// <param name="name">Says by itself what the file was made of.</param>
    /// <param name="make">Writes the file at the path it is given, or throws.</param>
    /// <returns>Its path.</returns>
    public async Task<string> GetAsync(string name, Action<string> make, CancellationToken ct)
    {
        var shelf = Path.Combine(DebianMinimal.Repository, ".artifacts", folder);
        var path = Path.Combine(shelf, name);
        await _oneAtATime.WaitAsync(ct);
        try
        {
            if (File.Exists(path))
                return path;
            Directory.CreateDirectory(shelf);
            // By rename within one folder: another run of the tests may be making it too.
            var staged = $"{path}.{Environment.ProcessId}";
            await Task.Run(() => make(staged), ct);
            File.Move(staged, path, overwrite: true);
            return path;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }
}
