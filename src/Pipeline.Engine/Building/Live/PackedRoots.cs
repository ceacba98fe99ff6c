using System.Diagnostics.CodeAnalysis;
using Pipeline.Core.Files;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Building.Live;

/// <summary>
/// The packed root that outputs of one source have in common: an ISO, a live disk and the files of a network boot differ around
/// their root and seldom in it, and nothing takes as long as packing it. Keeps the last root alone, so that scratch stays bounded,
/// and that only while another output may want it. For one thread.
/// </summary>
/// <param name="source">The tree that every output begins with.</param>
/// <param name="wants">How many outputs may ask.</param>
internal sealed class PackedRoots(FileTree source, int wants) : IDisposable
{
    private readonly Lazy<TreeKeys> _keys = new(() => new(source));
    private int _wants = wants;
    private (object Options, Digest Tree) _key;
    private LiveRoot? _kept;

    /// <summary>What a root packed with <paramref name="options"/> is known by; null where nobody else will ask for it.</summary>
    /// <param name="options">Equal where they say the same.</param>
    public (object Options, Digest Tree)? KeyOf(FileTree tree, object options) =>
        _wants-- > 1 || _kept is not null ? (options, _keys.Value.Of(tree)) : null;

    public bool TryFind((object Options, Digest Tree)? key, [NotNullWhen(true)] out LiveRoot? root)
    {
        root = _kept is not null && key is { } known && known.Equals(_key) ? Lent(_kept) : null;
        if (root is null)
            Dispose();
        return root is not null;
    }

    /// <returns>The same, which is this object's from now on; <paramref name="root"/> itself where it is not kept.</returns>
    public LiveRoot Keep((object Options, Digest Tree)? key, LiveRoot root)
    {
        if (key is not { } known || _wants < 1)
            return root;
        (_key, _kept) = (known, root);
        return Lent(root);
    }

    public void Dispose()
    {
        _kept?.Dispose();
        _kept = null;
    }

    /// <summary>Whoever has it disposes it, and it stays.</summary>
    private static LiveRoot Lent(LiveRoot root) => root with { Scratch = Stream.Null };
}
