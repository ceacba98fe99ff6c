using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Resolving;

/// <summary>Which images and boards a run is about. Empty means all.</summary>
public sealed record TargetSelection(ImmutableArray<string> Images, ImmutableArray<string> Boards)
{
    public static TargetSelection All { get; } = new([], []);

    /// <summary>Nothing at all: the one object that is not "all" although it names nothing.</summary>
    public static TargetSelection None { get; } = new([""], []);

    public bool IncludesImage(string image) => Images.IsEmpty || Images.Contains(image, StringComparer.Ordinal);

    public bool IncludesBoard(string board) => Boards.IsEmpty || Boards.Contains(board, StringComparer.Ordinal);

    /// <summary>Complaints about names that select nothing: a slip of the hand must not look like "all is current".</summary>
    public ImmutableArray<Diagnostic> Check(Workspace workspace)
    {
        var bag = new DiagnosticBag();
        var images = workspace.Images.Select(i => i.Name).Concat(workspace.InvalidImages).Order(StringComparer.Ordinal).ToList();
        foreach (var name in Images.Except(images, StringComparer.Ordinal))
            bag.Add(ResolvingRules.UnknownImage, null, name, string.Join(", ", images));
        var boards = workspace.Images.Where(i => IncludesImage(i.Name)).SelectMany(i => i.Boards).Select(b => b.Value)
            .Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToList();
        foreach (var name in Boards.Except(boards, StringComparer.Ordinal))
            bag.Add(ResolvingRules.UnknownBoard, null, name, string.Join(", ", boards));
        return bag.ToImmutable();
    }
}
