namespace Pipeline.Engine.Publishing;

/// <summary>Files of a cache: readable by their owner only (they may tell of private repositories), there at once or not at all.</summary>
internal static class PrivateFile
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private static int _count;

    /// <summary>A cache that cannot be written is no cache; nothing fails for it.</summary>
    public static async Task WriteAsync(string path, byte[] content, CancellationToken ct)
    {
        var partial = $"{path}.{Environment.ProcessId}-{Interlocked.Increment(ref _count)}";
        try
        {
            await using (var file = Create(partial))
                await file.WriteAsync(content, ct);
            File.Move(partial, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            File.Delete(partial);
        }
    }

    private static FileStream Create(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new(path, options);
        }
        options.UnixCreateMode = Owner;
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, Owner | UnixFileMode.UserExecute);
        return new(path, options);
    }
}
