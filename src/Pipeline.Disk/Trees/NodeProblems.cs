using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Trees;

/// <summary>Complaints about the nodes of a tree. Paths are looked for once, when all complaints are known: most trees have none.</summary>
internal sealed class NodeProblems(DiagnosticBag bag, SourceSpan? span)
{
    private readonly List<(int Index, Rule Rule, object?[] Details)> _problems = [];

    /// <param name="index">The node's index in its <see cref="NodeMap"/>.</param>
    /// <param name="rule">Its first argument is the path.</param>
    /// <param name="details">What the rule says after the path.</param>
    public void Add(int index, Rule rule, params object?[] details) => _problems.Add((index, rule, details));

    /// <summary>Puts every complaint into the bag.</summary>
    public void Tell(NodeMap nodes)
    {
        if (_problems.Count == 0)
            return;
        var paths = nodes.PathsOf(_problems.Select(p => p.Index).ToHashSet());
        foreach (var (index, rule, details) in _problems)
            bag.Add(rule, span, [paths[index], .. details]);
        _problems.Clear();
    }
}
