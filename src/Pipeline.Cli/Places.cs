namespace Pipeline.Cli;

/// <summary>Where things are when nobody said.</summary>
internal static class Places
{
    /// <summary>
    /// The directory with <c>pipeline.yaml</c> at or above the current one, as far as its git repository reaches; else the
    /// root of that git repository; else the current directory.
    /// </summary>
    /// <param name="said">What the user said; null for nothing.</param>
    public static string FindRepository(string? said)
    {
        if (said is not null)
            return Path.GetFullPath(said);
        var current = Directory.GetCurrentDirectory();
        for (var directory = current; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            var git = Path.Combine(directory, ".git");
            if (File.Exists(Path.Combine(directory, "pipeline.yaml")) || Directory.Exists(git) || File.Exists(git))
                return directory;
        }
        return current;
    }

    /// <summary>The working tree of git around a directory; null where there is none.</summary>
    public static string? GitTopOf(string path)
    {
        for (var directory = path; directory is not null; directory = Path.GetDirectoryName(directory))
        {
            if (Path.Exists(Path.Combine(directory, ".git")))
                return directory;
        }
        return null;
    }

    /// <summary>The cache that all repositories of a user share; within the repository where the user has no home.</summary>
    public static string CacheOf(string? said, string repository)
    {
        if (said is not null)
            return Path.GetFullPath(said);
        // The XDG specification says to ignore relative paths.
        if (Environment.GetEnvironmentVariable("XDG_CACHE_HOME") is { } cache && Path.IsPathRooted(cache))
            return Path.Combine(cache, "pipeline");
        return Environment.GetEnvironmentVariable("HOME") is { Length: > 0 } home && Path.IsPathRooted(home)
            ? Path.Combine(home, ".cache", "pipeline")
            : Path.Combine(repository, ".pipeline", "cache");
    }
}
