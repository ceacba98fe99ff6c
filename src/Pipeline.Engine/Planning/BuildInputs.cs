using System.Collections.Immutable;

namespace Pipeline.Engine.Planning;

/// <summary>
/// All that decides the bytes of a target, by name: digests, or short values that people can read
/// (<c>source.manifest</c>, <c>board.partitions[1].size</c>, <c>customize.hostname</c>, <c>engine.format</c>).
/// </summary>
/// <param name="Deciding">A difference here makes a target stale.</param>
/// <param name="Observed">Recorded beside them and shown, but never a reason (the index digest, the reference, the commit).</param>
public sealed record BuildInputs(
    ImmutableSortedDictionary<string, string> Deciding, ImmutableSortedDictionary<string, string> Observed);
