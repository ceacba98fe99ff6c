using System.Collections.Immutable;
using System.CommandLine;
using Pipeline.Cli.Reporting;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Cli;

/// <summary>One call of one verb: its arguments, and whom it tells.</summary>
internal sealed class Run : IDisposable
{
    private readonly ParseResult _parsed;

    private Run(ParseResult parsed, CommonOptions common, ITeller teller, Results results)
    {
        (_parsed, Common, Teller, Results) = (parsed, common, teller, results);
        Current = this;
    }

    /// <summary>What is under way in this process, for the one who prints how it ended.</summary>
    public static Run? Current { get; private set; }

    public CommonOptions Common { get; }

    public ITeller Teller { get; }

    public Results Results { get; }

    public string Verb => _parsed.CommandResult.Command.Name;

    /// <summary>Absolute.</summary>
    public string RepositoryPath => Places.FindRepository(Value(Common.Repository));

    /// <summary>Absolute.</summary>
    public string CachePath => Places.CacheOf(Value(Common.Cache), RepositoryPath);

    public static Run Begin(ParseResult parsed, CommonOptions common)
    {
        var repository = parsed.GetResult(common.Repository) is null ? null : parsed.GetValue(common.Repository);
        var (teller, results) = Screen.Open(new(
            Places.FindRepository(repository),
            IsJson: parsed.GetValue(common.Json),
            IsGitHub: parsed.GetValue(common.GitHub) || Environment.GetEnvironmentVariable("GITHUB_ACTIONS") == "true",
            MayColour: !parsed.GetValue(common.NoColor),
            new(parsed.GetValue(common.Quiet), parsed.GetValue(common.Verbose))));
        return new(parsed, common, Traces.AreWanted ? new TracedTeller(teller) : teller, results);
    }

    /// <summary>Null (or the default) also where this verb has no such option.</summary>
    public T? Value<T>(Option<T> option) => _parsed.GetResult(option) is null ? default : _parsed.GetValue(option);

    public T? Value<T>(Argument<T> argument) => _parsed.GetResult(argument) is null ? default : _parsed.GetValue(argument);

    public void Tell(ImmutableArray<Diagnostic> diagnostics)
    {
        foreach (var diagnostic in diagnostics)
            Teller.Diagnose(diagnostic);
    }

    public void Dispose() => Teller.Dispose();
}
