using System.Collections.Immutable;
using System.CommandLine;
using System.Globalization;
using Pipeline.Cli.Reporting;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline boards</c>: what can be built for.</summary>
internal static class BoardsVerb
{
    public static Command Create(CommonOptions common)
    {
        var name = new Argument<string?>("BOARD") { HelpName = "BOARD", Arity = ArgumentArity.ZeroOrOne, Description = "Show this board in full" };
        name.CompletionSources.Add(_ => NameCompletions.Boards());
        return new VerbCommand("boards", "List the boards that images can be built for")
        {
            Notes = "The shipped boards, and those of the repository around this directory, which replace shipped ones of the same name.\n'Verified' says how far a board was tried: none, in qemu, or on hardware.",
            Examples = [("pipeline boards", "all boards"), ("pipeline boards orangepi-pc", "the disk of one board")],
            ExitCodes = [(ExitCode.Done, "shown"), (ExitCode.TryAgain, "a file could not be read")],
        }
        .With(name, common.Repository)
        .Does(common, (run, _) => Task.FromResult(Act(run, run.Value(name))));
    }

    private static ExitCode Act(Run run, string? name)
    {
        var boards = (WorkspaceReader.Read(run.RepositoryPath).Value?.Boards.Values ?? ShippedBoards.Names.Select(ShippedBoards.Read)).ToImmutableArray();
        if (name is not null)
        {
            var board = boards.FirstOrDefault(b => b.Name == name)
                ?? throw new UsageException($"there is no board '{name}'; expected one of {string.Join(", ", boards.Select(b => b.Name))}");
            run.Results.Write(BoardText.Render(board, run.Results.Paint), "board", json => BoardText.Write(json, board));
            return ExitCode.Done;
        }
        string[] head = ["BOARD", "PLATFORM", "BOOT", "VERIFIED", "FROM", "DESCRIPTION"];
        var rows = boards.Select(b => (string[])[b.Name, b.Platform.ToString(), BoardText.Methods(b), b.Verified, b.IsShipped ? "shipped" : b.Span.File, b.Description]);
        run.Results.WriteText(Text.Table([head, .. rows], (row, _, cell) => row == 0 ? run.Results.Paint.Strong(cell) : cell));
        foreach (var board in boards)
            run.Results.WriteJson("board", json => BoardText.Write(json, board));
        return ExitCode.Done;
    }
}
