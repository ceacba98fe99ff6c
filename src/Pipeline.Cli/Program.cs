using System.CommandLine;
using System.CommandLine.Invocation;
using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Resolving;

namespace Pipeline.Cli;

/// <summary>The front door: signals, exit codes, and what is said when a verb does not end as it should.</summary>
internal static partial class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        using var cancellation = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, cancellation));
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, cancellation));
        using var traces = Traces.Begin();
        var parsed = CommandTree.Create().Parse(arguments);
        return parsed.Action is ParseErrorAction ? (int)Refuse(parsed) : (int)await RunAsync(parsed, cancellation.Token);
    }

    /// <summary>The first time everything is asked to stop and tidy up; the second time the process ends at once.</summary>
    private static void Cancel(PosixSignalContext context, CancellationTokenSource cancellation)
    {
        context.Cancel = true;
        if (!cancellation.IsCancellationRequested)
        {
            cancellation.Cancel();
            return;
        }
        if (!Console.IsErrorRedirected)
            Console.Error.Write("\e[?25h"); // the bars hide the cursor
        Environment.Exit((int)ExitCode.Cancelled);
    }

    private static ExitCode Refuse(ParseResult parsed)
    {
        if (parsed.Tokens.Count == 0)
        {
            CommandTree.Create().Parse("--help").Invoke(new() { Output = Console.Error });
            return ExitCode.WrongArguments;
        }
        foreach (var error in parsed.Errors.Select(e => e.Message).Distinct(StringComparer.Ordinal))
            Console.Error.WriteLine("error: " + error);
        foreach (var word in parsed.UnmatchedTokens.Take(1))
            Console.Error.Write(CommandTree.Nearest(word, parsed.CommandResult.Command) is { } near ? $"did you mean '{near}'?\n" : "");
        var names = new List<string>();
        for (var command = parsed.CommandResult; command is not null; command = command.Parent as System.CommandLine.Parsing.CommandResult)
            names.Insert(0, command.Command is RootCommand ? CommandTree.Name : command.Command.Name);
        Console.Error.WriteLine($"'{string.Join(' ', names)} --help' tells what it takes");
        return ExitCode.WrongArguments;
    }

    private static async Task<ExitCode> RunAsync(ParseResult parsed, CancellationToken ct)
    {
        var verb = parsed.CommandResult.Command.Name;
        try
        {
            var invocation = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = null };
            return (ExitCode)await parsed.InvokeAsync(invocation, ct);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            Console.Error.WriteLine("cancelled; nothing was left behind");
            return ExitCode.Cancelled;
        }
        catch (UsageException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return ExitCode.WrongArguments;
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            var diagnostic = (e as ReleaseRefusedException)?.Diagnostic ?? Diagnostic.Create(CliRules.OutsideFailed, null, verb, Secretless(Outside.Describe(e)));
            if (Run.Current is { } run)
                run.Teller.Diagnose(diagnostic);
            else
                Console.Error.WriteLine(DiagnosticFormat.Human(diagnostic));
            return ExitCode.TryAgain;
        }
#pragma warning disable CA1031 // The last line of defence: a bug becomes a report.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Console.Error.WriteLine(BugReport(verb, e));
            return ExitCode.Bug;
        }
    }

    private static string BugReport(string verb, Exception e) =>
        $"""
        This is a bug of pipeline, not a mistake of yours. Please report it with the lines below; they hold no arguments and no
        secrets, but look through them before you send them.

        pipeline {Version()}, verb '{verb}', .NET {Environment.Version} on {RuntimeInformation.RuntimeIdentifier}
        {Secretless(e.ToString())}
        """;

    private static string Version() =>
        typeof(Program).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    /// <summary>Addresses lose what may be secret in them: the user and the query.</summary>
    private static string Secretless(string text) => Query().Replace(UserPart().Replace(text, "://"), "$1");

    [GeneratedRegex(@"://[^/@\s]+@")]
    private static partial Regex UserPart();

    [GeneratedRegex(@"(https?://[^\s?]+)\?[^\s'"")]*")]
    private static partial Regex Query();
}
