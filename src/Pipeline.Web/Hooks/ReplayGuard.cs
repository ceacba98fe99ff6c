namespace Pipeline.Web.Hooks;

/// <summary>
/// Knows what came before. It forgets the oldest beyond its capacity: a replay of those asks for a round that finds all
/// current, which is no harm. Thread-safe.
/// </summary>
internal sealed class ReplayGuard(int capacity)
{
    private readonly Lock _lock = new();
    private readonly HashSet<string> _seen = new(StringComparer.Ordinal);
    private readonly Queue<string> _order = new();

    /// <returns>False: it came before.</returns>
    public bool TryTake(string key)
    {
        lock (_lock)
        {
            if (!_seen.Add(key))
                return false;
            _order.Enqueue(key);
            if (_order.Count > capacity)
                _seen.Remove(_order.Dequeue());
            return true;
        }
    }
}
