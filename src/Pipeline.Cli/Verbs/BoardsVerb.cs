using System.Collections.Immutable;
using System.CommandLine;
using Pipeline.Cli.Reporting;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Drawing;
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
        var verb = new VerbCommand("boards", "List the boards that images can be built for")
        {
            Notes = "The shipped boards, and those of the repository around this directory, which replace shipped ones of the same name.\n'Verified' says how far a board was tried: none, bytes (images compared with the vendor's documents), in qemu, or on hardware.",
            Examples = [("pipeline boards", "all boards"), ("pipeline boards orangepi-pc", "one board in words"), ("pipeline boards show orangepi-pc", "its disk as a map")],
            ExitCodes = [(ExitCode.Done, "shown"), (ExitCode.TryAgain, "a file could not be read")],
        }
        .With(name, common.Repository)
        .Does(common, (run, _) => Task.FromResult(Act(run, run.Value(name))));
        verb.Add(CreateShow(common));
        return verb;
    }

    private static VerbCommand CreateShow(CommonOptions common)
    {
        var name = new Argument<string>("BOARD") { HelpName = "BOARD", Description = "The name of a board, or its file" };
        name.CompletionSources.Add(_ => NameCompletions.Boards());
        var svg = new Option<string?>("--svg") { HelpName = "FILE", Description = "Draw into this file instead, for documents" };
        return new VerbCommand("show", "Draw the disk of a board as a map")
        {
            Notes = "Lengths are drawn by their logarithm, so that a table is seen beside a root file system.",
            Examples = [("pipeline boards show orangepi-pc", "where everything lies"), ("pipeline boards show boards/box.yaml --svg box.svg", "a picture")],
            ExitCodes = [(ExitCode.Done, "drawn"), (ExitCode.Mend, "the board has mistakes"), (ExitCode.TryAgain, "a file could not be read or written")],
        }
        .With(name, svg, common.Repository)
        .Does(common, (run, _) => Task.FromResult(Show(run, run.Value(name)!, run.Value(svg))));
    }

    private static ExitCode Show(Run run, string name, string? svg)
    {
        var board = Path.GetExtension(name) == ".yaml" && File.Exists(name) ? WorkspaceReader.ReadBoard(name) : Find(run, name);
        run.Tell(board.Diagnostics);
        if (!board.IsOk)
            return ExitCode.Mend;
        var drawn = BoardMap.Of(board.Value!);
        run.Tell(drawn.Diagnostics);
        if (drawn is not { IsOk: true, Value: { } map })
            return ExitCode.Mend;
        if (svg is not null)
            File.WriteAllText(svg, BoardSvg.Draw(map));
        else
            run.Results.Write(BoardMapText.Render(map, run.Results.Paint, Screen.Columns), "boardMap", json => BoardMapText.Write(json, map));
        return ExitCode.Done;
    }

    private static ImmutableArray<BoardManifest> All(Run run) =>
        (WorkspaceReader.Read(run.RepositoryPath).Value?.Boards.Values ?? ShippedBoards.Names.Select(ShippedBoards.Read)).ToImmutableArray();

    private static Result<BoardManifest> Find(Run run, string name)
    {
        var boards = All(run);
        return boards.FirstOrDefault(b => b.Name == name)
            ?? throw new UsageException($"there is no board '{name}'; expected one of {string.Join(", ", boards.Select(b => b.Name))}");
    }

    private static ExitCode Act(Run run, string? name)
    {
        if (name is not null)
        {
            var board = Find(run, name).Value!;
            run.Results.Write(BoardText.Render(board, run.Results.Paint), "board", json => BoardText.Write(json, board));
            return ExitCode.Done;
        }
        var boards = All(run);
        string[] head = ["BOARD", "PLATFORM", "BOOT", "VERIFIED", "FROM", "DESCRIPTION"];
        var rows = boards.Select(b => (string[])[b.Name, b.Platform.FullName, BoardText.Methods(b), b.Verified, b.IsShipped ? "shipped" : b.Span.File, b.Description]);
        run.Results.WriteText(Text.Table([head, .. rows], (row, _, cell) => row == 0 ? run.Results.Paint.Strong(cell) : cell));
        foreach (var board in boards)
            run.Results.WriteJson("board", json => BoardText.Write(json, board));
        return ExitCode.Done;
    }
}
