using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Resolving;

/// <summary>A target whose board is the layout that its container carries: what the labels say is known here already.</summary>
internal static class CarriedTarget
{
    private static readonly Platform Unknown = Platform.Of("linux", "unknown", null);

    /// <param name="board">One of <see cref="CarriedName"/>.</param>
    /// <param name="look">Null for a suspended image.</param>
    /// <returns>The target with its board or its problem, and the look at its platform.</returns>
    public static (Target Target, PlatformLook? Look) Make(ImageManifest image, Located<string> board, Output output, SourceLook? look)
    {
        var span = board.Span ?? image.Span;
        var named = CarriedName.PlatformOf(board.Value, span, out var wrong);
        var found = wrong is null ? look?.For(named) : null;
        var platform = named ?? found?.Platform;
        var target = new Target(image, CarriedLayout.Unread(board.Value, platform ?? Unknown, span), output, null, null, null);
        if (wrong is not null)
            return (target with { Problem = new(false, [wrong]) }, null);
        if (found?.Resolved is null)
            return (target, found);
        if (platform is null)
            return (target with { Problem = new(false, [Diagnostic.Create(CarriedRules.NoPlatform, span, found.Name)]) }, null);
        if (output.Kind == OutputKind.Disk && image.Layout is { } layout)
            return Carry(target, found, CarriedLayout.Apply(target.Board, layout));
        if (output.Kind != OutputKind.Disk || found.Resolved is not ResolvedImage { Image: var chosen })
            return (target, found);
        return Carry(target, found, CarriedLayout.FromLabels(chosen.Labels, board.Value, platform, span));
    }

    private static (Target Target, PlatformLook? Look) Carry(Target target, PlatformLook found, Result<BoardManifest> carried) => carried.IsOk
        ? (target with { Board = carried.Value! }, found with { Warnings = [.. found.Warnings, .. carried.Diagnostics] })
        : (target with { Problem = new(false, carried.Diagnostics) }, null);
}
