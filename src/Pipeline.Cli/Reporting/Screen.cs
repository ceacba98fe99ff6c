using System.Globalization;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Cli.Reporting;

/// <summary>What the user asked for, as to printing.</summary>
/// <param name="RepositoryPath">What the places in diagnostics are relative to.</param>
internal sealed record ScreenWishes(string RepositoryPath, bool IsJson, bool IsGitHub, bool MayColour, Loudness Loudness);

/// <summary>Chooses who reports, by the wishes and by what the streams are.</summary>
internal static class Screen
{
    private const int UsualColumns = 100;

    /// <summary>How wide standard output is; where it is no terminal, as wide as documents like it.</summary>
    public static int Columns =>
        int.TryParse(Environment.GetEnvironmentVariable("COLUMNS"), NumberStyles.None, CultureInfo.InvariantCulture, out var said) && said > 0 ? said
        : Console.IsOutputRedirected ? UsualColumns
        : Console.WindowWidth is var width and > 0 ? width : UsualColumns;

    public static (ITeller Teller, Results Results) Open(ScreenWishes wishes)
    {
        var isDumb = Environment.GetEnvironmentVariable("TERM") is null or "dumb";
        var mayColour = wishes.MayColour && !isDumb && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR"));
        var isWatched = !Console.IsErrorRedirected && !isDumb;
        ITeller teller =
            wishes.IsJson ? new JsonReporter(Console.Out, wishes.Loudness, TimeProvider.System)
            : wishes.IsGitHub ? new LineReporter(Console.Error, GitHubLine.For(wishes.RepositoryPath), wishes.Loudness, TimeProvider.System)
            : isWatched ? new TerminalReporter(Console.Error, new(mayColour), wishes.Loudness)
            : new LineReporter(Console.Error, DiagnosticFormat.Human, wishes.Loudness, TimeProvider.System);
        return (teller, new(Console.Out, teller, new(mayColour && !Console.IsOutputRedirected), wishes.IsJson));
    }
}
