using System.Collections.Immutable;
using Pipeline.Engine.Reconciling;

namespace Pipeline.Web.Status;

/// <summary>One round that ended.</summary>
public sealed record Round(DateTimeOffset Started, DateTimeOffset Ended, ReconcileOutcome Outcome);

/// <summary>What the controller did, for those who look at it. Thread-safe; it keeps a fixed number of rounds.</summary>
public sealed class RoundLog(TimeProvider clock)
{
    public const int Kept = 50;
    private readonly Lock _lock = new();
    private readonly Dictionary<ReconcileStatus, long> _counts = [];
    private ImmutableList<Round> _rounds = [];
    private DateTimeOffset? _started;
    private double _seconds;

    /// <summary>When this controller began.</summary>
    public DateTimeOffset Born { get; } = clock.GetUtcNow();

    /// <summary>The newest last.</summary>
    public ImmutableList<Round> Rounds => Locked(() => _rounds);

    /// <summary>Since when a round is under way; null between rounds.</summary>
    public DateTimeOffset? UnderWaySince => Locked(() => _started);

    /// <summary>Of all rounds, by how they ended.</summary>
    public ImmutableSortedDictionary<ReconcileStatus, long> Counts => Locked(() => _counts.ToImmutableSortedDictionary());

    /// <summary>Spent in rounds so far.</summary>
    public double Seconds => Locked(() => _seconds);

    public void Begin() => Locked(() => _started = clock.GetUtcNow());

    public void End(ReconcileOutcome outcome) => Locked(() =>
    {
        var now = clock.GetUtcNow();
        var round = new Round(_started ?? now, now, outcome);
        _rounds = (_rounds.Count >= Kept ? _rounds.RemoveAt(0) : _rounds).Add(round);
        _counts[outcome.Status] = _counts.GetValueOrDefault(outcome.Status) + 1;
        _seconds += (round.Ended - round.Started).TotalSeconds;
        _started = null;
        return round;
    });

    /// <summary>Whether rounds still happen: one is under way, or the last ended (or the controller began) not long ago.</summary>
    /// <param name="interval">Between rounds.</param>
    public bool IsAlive(TimeSpan interval) => Locked(() =>
        _started is not null || clock.GetUtcNow() - (_rounds.LastOrDefault()?.Ended ?? Born) < (2 * interval) + TimeSpan.FromMinutes(1));

    private T Locked<T>(Func<T> what)
    {
        lock (_lock)
            return what();
    }
}
