using System.Collections.Concurrent;
using System.Collections.Immutable;

namespace Pipeline.Web.Hooks;

/// <summary>What became of a webhook.</summary>
internal enum HookResult
{
    /// <summary>A round was asked for.</summary>
    Accepted,

    /// <summary>Signed, and about something that changes nothing here.</summary>
    Ignored,

    /// <summary>It came before.</summary>
    Replayed,

    /// <summary>Not signed with the secret, or not readable.</summary>
    Refused,
}

internal sealed class HookCounts
{
    private readonly ConcurrentDictionary<(string Sender, HookResult Result), long> _counts = new();

    public ImmutableArray<KeyValuePair<(string Sender, HookResult Result), long>> All =>
        [.. _counts.OrderBy(c => c.Key.Sender, StringComparer.Ordinal).ThenBy(c => c.Key.Result)];

    public HookResult Count(string sender, HookResult result)
    {
        _counts.AddOrUpdate((sender, result), 1, (_, count) => count + 1);
        return result;
    }
}
