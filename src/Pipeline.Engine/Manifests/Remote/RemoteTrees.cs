using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests.Remote;

/// <summary>
/// The trees from elsewhere that were fetched, by name; and, while manifests are read, which others they want. Reading never
/// fetches: who reads looks at <see cref="Wanted"/> afterwards, fetches, and reads again.
/// </summary>
public sealed class RemoteTrees
{
    private readonly Dictionary<string, SourceTree> _fetched = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Diagnostic> _failed = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, RemoteReference> _wanted = new(StringComparer.Ordinal);

    /// <summary>All that manifests named since the last <see cref="Forget"/>, fetched or not, in order of name.</summary>
    public ImmutableArray<RemoteReference> Wanted => [.. _wanted.Values];

    public void Add(string name, string rootPath) => _fetched[name] = new(name, rootPath);

    /// <param name="why">What kept it from being fetched; the place is where it was named.</param>
    public void Fail(string name, Diagnostic why) => _failed[name] = why;

    public bool IsKnown(string name) => _fetched.ContainsKey(name) || _failed.ContainsKey(name);

    public void Forget() => _wanted.Clear();

    /// <summary>Null where it was not fetched; then the bag says why.</summary>
    internal SourceTree? Find(RemoteReference reference, SourceSpan span, DiagnosticBag bag)
    {
        _wanted[reference.Name] = reference;
        if (_fetched.TryGetValue(reference.Name, out var tree))
            return tree;
        if (_failed.TryGetValue(reference.Name, out var why))
            bag.AddRange([why with { Span = span }]);
        else
            bag.Add(RemoteRules.NotLocked, span, reference.Name);
        return null;
    }
}
