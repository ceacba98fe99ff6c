using System.Text;

namespace Pipeline.Engine.Publishing.Directories;

/// <summary>
/// One publisher of an image at a time, over all processes of a host. The lock is the kernel's (flock), so that of a
/// process that died is gone with it and none can be stale; the file stays and names its last holder for people.
/// </summary>
internal sealed class ReleaseLock : IDisposable
{
    private const int WouldBlock = 11; // EWOULDBLOCK, which .NET gives for a file that another has locked
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);
    private readonly FileStream _file;

    private ReleaseLock(FileStream file) => _file = file;

    /// <summary>Null when somebody else holds it now.</summary>
    public static ReleaseLock? TryAcquire(string path)
    {
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException e) when (e.HResult == WouldBlock)
        {
            return null;
        }
        file.SetLength(0);
        file.Write(Encoding.ASCII.GetBytes($"{Environment.ProcessId}\n"));
        file.Flush();
        return new(file);
    }

    /// <exception cref="IOException">The other holder did not finish within <paramref name="patience"/>.</exception>
    public static async Task<ReleaseLock> AcquireAsync(string path, TimeSpan patience, CancellationToken ct)
    {
        for (var waited = TimeSpan.Zero; ; waited += Pause)
        {
            if (TryAcquire(path) is { } held)
                return held;
            if (waited >= patience)
                throw new IOException($"another process has held {path} for {patience.TotalSeconds:0} s");
            await Task.Delay(Pause, ct);
        }
    }

    public void Dispose() => _file.Dispose();
}
