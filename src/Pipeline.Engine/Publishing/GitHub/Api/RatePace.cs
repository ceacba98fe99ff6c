using Pipeline.Core.Reporting;

namespace Pipeline.Engine.Publishing.GitHub.Api;

/// <summary>
/// Keeps below GitHub's limits on writing: one write at a time, a second between two, 500 new things in an hour. A server
/// of one's own has no limits unless it says so in its answers.
/// </summary>
internal sealed class RatePace(TimeProvider time, IReporter reporter) : IDisposable
{
    private const int ContentPerHour = 500;
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);
    private static readonly TimeSpan WorthTelling = TimeSpan.FromSeconds(5);
    private readonly SemaphoreSlim _gate = new(1);
    private readonly Queue<DateTimeOffset> _made = new();
    private DateTimeOffset _lastWrite;

    public bool IsCounted { get; set; }

    /// <summary>Waits for the turn of a write. The caller disposes what it gets when the write is done.</summary>
    public async Task<IDisposable> EnterAsync(GitHubCall call, CancellationToken ct)
    {
        await _gate.WaitAsync(ct);
        try
        {
            if (IsCounted)
                await WaitAsync(call, ct);
            return new Turn(this);
        }
        catch
        {
            _gate.Release();
            throw;
        }
    }

    public async Task SleepAsync(TimeSpan wait, string why, CancellationToken ct)
    {
        if (wait > WorthTelling)
            reporter.Announce($"{why}; going on in {Math.Ceiling(wait.TotalSeconds)} s");
        await Task.Delay(wait, time, ct);
    }

    public void Dispose() => _gate.Dispose();

    private async Task WaitAsync(GitHubCall call, CancellationToken ct)
    {
        var now = time.GetUtcNow();
        if (_lastWrite + Pause - now is { Ticks: > 0 } rest)
            await SleepAsync(rest, "a pause between writes", ct);
        if (!call.MakesContent)
            return;
        while (_made.TryPeek(out var oldest) && oldest + Hour <= time.GetUtcNow())
            _made.Dequeue();
        if (_made.Count >= ContentPerHour)
            await SleepAsync(_made.Peek() + Hour - time.GetUtcNow(), $"{ContentPerHour} files and drafts were made within an hour, which is GitHub's limit", ct);
        _made.Enqueue(time.GetUtcNow());
    }

    private void Leave()
    {
        _lastWrite = time.GetUtcNow();
        _gate.Release();
    }

    private sealed class Turn(RatePace pace) : IDisposable
    {
        public void Dispose() => pace.Leave();
    }
}
