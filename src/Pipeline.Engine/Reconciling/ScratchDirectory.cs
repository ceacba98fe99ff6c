using System.Globalization;

namespace Pipeline.Engine.Reconciling;

/// <summary>
/// A directory of this process's own, gone when it is disposed. What dead processes left beside it goes when the next
/// one is made: a living owner holds the file <c>lock</c> in it, whatever its process number is elsewhere.
/// </summary>
public sealed class ScratchDirectory : IDisposable
{
    private const string LockName = "lock";
    private const int MaxTries = 100;
    private readonly FileStream _lock;
    private readonly string _directory;
    private readonly List<string> _made;

    private ScratchDirectory(string directory, FileStream held, List<string> made)
    {
        (_directory, _lock, _made) = (directory, held, made);
        // Whoever works in a repository must not see it as changed while we build.
        File.WriteAllText(System.IO.Path.Combine(directory, ".gitignore"), "*\n");
        Path = Directory.CreateDirectory(System.IO.Path.Combine(directory, "work")).FullName;
    }

    /// <summary>Absolute; exists and is empty at first.</summary>
    public string Path { get; }

    /// <param name="parent">Absolute; made when needed, and taken away in the end where it is empty.</param>
    /// <param name="prefix">What the names of such directories begin with.</param>
    public static ScratchDirectory Create(string parent, string prefix)
    {
        var made = Missing(parent);
        Directory.CreateDirectory(parent);
        Sweep(parent, prefix);
        for (var number = 0; number < MaxTries; number++)
        {
            var suffix = number == 0 ? "" : "." + number.ToString(CultureInfo.InvariantCulture);
            var directory = System.IO.Path.Combine(parent, $"{prefix}{Environment.ProcessId}{suffix}");
            if (Directory.Exists(directory))
                continue;
            Directory.CreateDirectory(directory);
            if (TryLock(directory, FileMode.OpenOrCreate) is { } held)
                return new(directory, held, made);
        }
        throw new IOException($"no scratch directory can be made in {parent}");
    }

    public void Dispose()
    {
        _lock.Dispose();
        DeleteQuietly(_directory);
        foreach (var directory in _made)
            DeleteIfEmpty(directory);
    }

    /// <summary>The directories that lead to a path and are not there yet, innermost first.</summary>
    private static List<string> Missing(string path)
    {
        var missing = new List<string>();
        for (var directory = path; directory is not null && !Directory.Exists(directory); directory = System.IO.Path.GetDirectoryName(directory))
            missing.Add(directory);
        return missing;
    }

    private static void DeleteIfEmpty(string directory)
    {
        try
        {
            Directory.Delete(directory);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Others use it by now.
        }
    }

    private static void Sweep(string parent, string prefix)
    {
        foreach (var directory in Beside(parent, prefix))
        {
            if (!IsOurs(System.IO.Path.GetFileName(directory), prefix))
                continue;
            using var orphan = TryLock(directory, FileMode.Open);
            if (orphan is not null)
                DeleteQuietly(directory);
        }
    }

    /// <summary>Another process that made the parent may take it away, empty again, at any moment.</summary>
    private static string[] Beside(string parent, string prefix)
    {
        try
        {
            return Directory.GetDirectories(parent, prefix + "*");
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
    }

    private static bool IsOurs(string name, string prefix) =>
        name.Length > prefix.Length && name.Skip(prefix.Length).All(c => char.IsAsciiDigit(c) || c == '.');

    private static FileStream? TryLock(string directory, FileMode mode)
    {
        try
        {
            return new FileStream(System.IO.Path.Combine(directory, LockName), mode, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>What cannot be deleted now is deleted by the next run; it must not hide how this one ended.</summary>
    private static void DeleteQuietly(string directory)
    {
        try
        {
            Directory.Delete(directory, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
        }
    }
}
