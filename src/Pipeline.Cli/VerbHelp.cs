using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;

namespace Pipeline.Cli;

/// <summary>The usual help, then notes, examples and exit codes.</summary>
internal sealed class VerbHelp(HelpAction usual) : SynchronousCommandLineAction
{
    private static readonly (ExitCode, string)[] Always =
    [
        (ExitCode.WrongArguments, "wrong arguments"),
        (ExitCode.Bug, "a bug of pipeline; the report says what to send"),
        (ExitCode.Cancelled, "cancelled with Ctrl-C or SIGTERM; nothing is left behind"),
    ];

    /// <summary>A question for help is never wrong, whatever stands beside it.</summary>
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is VerbCommand verb)
            Write(verb, parseResult.InvocationConfiguration.Output);
        return 0;
    }

    private static void Write(VerbCommand verb, TextWriter output)
    {
        if (verb.Notes.Length > 0)
            output.Write(verb.Notes.TrimEnd() + "\n\n");
        if (!verb.Examples.IsEmpty)
        {
            output.Write("Examples:\n");
            foreach (var (line, what) in verb.Examples)
                output.Write($"  {line}\n      {what}\n");
            output.Write("\n");
        }
        output.Write("Exit codes:\n");
        foreach (var (code, when) in verb.ExitCodes.Concat(Always).DistinctBy(c => c.Item1).OrderBy(c => (int)c.Item1))
            output.Write(string.Create(CultureInfo.InvariantCulture, $"  {(int)code,3}  {when}\n"));
    }
}
