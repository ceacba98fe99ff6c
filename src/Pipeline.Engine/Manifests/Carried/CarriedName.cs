using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Manifests.Carried;

/// <summary>
/// The board that a container brings itself: <c>from-container</c> for the only platform of a source, and with an
/// architecture (<c>from-container-arm64</c>, <c>from-container-arm-v6</c>) where it offers several.
/// </summary>
public static class CarriedName
{
    public const string Plain = "from-container";
    private const string Prefix = Plain + "-";

    public static bool Is(string board) => board == Plain || board.StartsWith(Prefix, StringComparison.Ordinal);

    /// <summary>The platform that a name says; null for the plain name.</summary>
    /// <param name="problem">Null unless the name says something that is no platform.</param>
    public static Platform? PlatformOf(string board, SourceSpan? span, out Diagnostic? problem)
    {
        problem = null;
        if (board == Plain)
            return null;
        var text = "linux/" + board[Prefix.Length..].Replace('-', '/');
        if (PlatformText.TryParse(text, out var platform) is not null)
            problem = Diagnostic.Create(CarriedRules.UnknownPlatform, span, Message.Quote(board));
        return platform;
    }

    /// <summary>The name that says a platform.</summary>
    public static string Of(Platform platform) =>
        Prefix + platform.Architecture + (platform.Variant is null ? "" : "-" + platform.Variant);

    internal static IEnumerable<Diagnostic> ProblemOf(string board, SourceSpan? span)
    {
        PlatformOf(board, span, out var problem);
        return problem is null ? [] : [problem];
    }
}
