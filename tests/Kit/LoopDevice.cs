namespace Pipeline.Kit;

/// <summary>A file as a block device of the kernel. Attaching is a privilege.</summary>
public sealed class LoopDevice : IDisposable
{
    private LoopDevice(string path) => Path = path;

    public string Path { get; }

    /// <summary>Null where this machine lets nobody attach one: then the same is tried with a regular file.</summary>
    public static LoopDevice? TryAttach(string file, int sectorBytes, bool isReadOnly = false)
    {
        var attached = Tool.Run("losetup", ["--find", "--show", "--sector-size", $"{sectorBytes}", .. isReadOnly ? new[] { "--read-only" } : [], file]);
        return attached.ExitCode == 0 ? new(attached.Stdout.Trim()) : null;
    }

    public void Dispose() => Tool.Run("losetup", "--detach", Path);
}
