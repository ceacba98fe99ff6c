using Pipeline.Core.Diagnostics;

namespace Pipeline.Core.Reporting;

/// <summary>All that the rooms know about telling the user. Thread-safe: images build side by side.</summary>
public interface IReporter
{
    void Diagnose(Diagnostic diagnostic);

    /// <summary>Something happened that is neither a complaint nor progress: one line.</summary>
    void Announce(string line);

    /// <summary>Begins a piece of work that the user may want to watch.</summary>
    /// <param name="label">What is being done, to what: <c>pull debian:12</c>.</param>
    /// <param name="totalBytes">Null where it is not known.</param>
    IActivity Begin(string label, long? totalBytes);
}

/// <summary>A piece of work under way; disposing it says that it ended. Thread-safe.</summary>
public interface IActivity : IDisposable
{
    void Advance(long bytes);
}

/// <summary>Tells nobody.</summary>
public sealed class SilentReporter : IReporter
{
    public static SilentReporter Instance { get; } = new();

    public void Diagnose(Diagnostic diagnostic)
    {
    }

    public void Announce(string line)
    {
    }

    public IActivity Begin(string label, long? totalBytes) => new SilentActivity();

    private sealed class SilentActivity : IActivity
    {
        public void Advance(long bytes)
        {
        }

        public void Dispose()
        {
        }
    }
}
