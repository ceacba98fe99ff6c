using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;

namespace Pipeline.Cli;

/// <summary>A verb with what its help adds: examples, and its exit codes in its own words.</summary>
internal sealed class VerbCommand(string name, string description) : Command(name, description)
{
    public ImmutableArray<(string CommandLine, string What)> Examples { get; init; } = [];

    /// <summary>Beside 2 (wrong arguments), 70 (a bug) and 130 (cancelled), which all verbs have.</summary>
    public ImmutableArray<(ExitCode Code, string When)> ExitCodes { get; init; } = [];

    /// <summary>More to know, as paragraphs.</summary>
    public string Notes { get; init; } = "";

    public VerbCommand With(params ReadOnlySpan<Symbol> symbols)
    {
        foreach (var symbol in symbols)
        {
            if (symbol is Option option)
                Add(option);
            else
                AddArgument((Argument)symbol);
        }
        return this;
    }

    /// <summary>A misspelt option must not be taken for the name of something.</summary>
    private void AddArgument(Argument argument)
    {
        Add(argument);
        argument.Validators.Add(result =>
        {
            foreach (var word in result.Tokens.Select(t => t.Value).Where(w => w.Length > 1 && w[0] == '-'))
            {
                var near = result.Parent is CommandResult { Command: var verb } ? CommandTree.Nearest(word, verb) : null;
                result.AddError($"there is no option '{word}'{(near is null ? "" : $"; did you mean '{near}'?")}");
            }
        });
    }

    /// <summary>Says what the verb does, within a run that is composed for it.</summary>
    public VerbCommand Does(CommonOptions common, Func<Run, CancellationToken, Task<ExitCode>> act)
    {
        Validators.Add(RefuseEmptyPaths);
        SetAction(async (parsed, ct) =>
        {
            using var run = Run.Begin(parsed, common);
            return (int)await act(run, ct);
        });
        return this;
    }

    /// <summary>What a script leaves of a variable that is not set. The empty text is no path, and must not become the current directory.</summary>
    private static void RefuseEmptyPaths(CommandResult verb)
    {
        foreach (var given in verb.Children.Where(c => c.Tokens.Any(t => t.Value.Length == 0)))
        {
            var (name, form) = given switch
            {
                OptionResult option => (option.Option.Name, option.Option.HelpName),
                ArgumentResult argument => (argument.Argument.Name, argument.Argument.HelpName),
                _ => ("", null),
            };
            if (form is "DIR" or "FILE" or "PATH" or "PLACE" or "RELEASE")
                verb.AddError($"{name} is empty, expected {form}; is a variable not set?");
        }
    }
}
