using System.Collections.Immutable;

namespace Pipeline.Engine.Resolving;

/// <summary>Which images and boards a run is about. Empty means all.</summary>
public sealed record TargetSelection(ImmutableArray<string> Images, ImmutableArray<string> Boards)
{
    public static TargetSelection All { get; } = new([], []);

    public bool IncludesImage(string image) => Images.IsEmpty || Images.Contains(image, StringComparer.Ordinal);

    public bool IncludesBoard(string board) => Boards.IsEmpty || Boards.Contains(board, StringComparer.Ordinal);
}
