using System.CommandLine;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline layout</c>: layouts on their way into containers.</summary>
internal static class LayoutVerb
{
    public static Command Create(CommonOptions common) =>
        new("layout", "Work with the layouts that containers carry") { CreateExport(common) };

    private static VerbCommand CreateExport(CommonOptions common)
    {
        var name = new Argument<string>("BOARD") { HelpName = "BOARD", Description = "A board of the repository, a shipped one, or a board's file" };
        name.CompletionSources.Add(_ => NameCompletions.Boards());
        var pretty = new Option<bool>("--pretty") { Description = "Over several lines, for people" };
        return new VerbCommand("export", "Write a board as the label by which a container carries its layout")
        {
            Notes = $"The label is {CarriedLayout.LabelName}.\nWhat it cannot say of the board is named in warnings; the JSON is written all the same.",
            Examples =
            [
                ("pipeline layout export uefi-arm64 --pretty", "what the label would be"),
                ($"buildah config --label \"{CarriedLayout.LabelName}=$(pipeline layout export my-board)\" CONTAINER", "put it on a container"),
            ],
            ExitCodes = [(ExitCode.Done, "written, perhaps with warnings"), (ExitCode.Mend, "the board has mistakes, or no label can say it"), (ExitCode.TryAgain, "a file could not be read")],
        }
        .With(name, pretty, common.Repository)
        .Does(common, (run, _) => Task.FromResult(Export(run, run.Value(name)!, run.Value(pretty))));
    }

    private static ExitCode Export(Run run, string name, bool isPretty)
    {
        var board = Read(run, name);
        run.Tell(board.Diagnostics);
        if (!board.IsOk)
            return ExitCode.Mend;
        var label = CarriedLayout.Export(board.Value!, isPretty);
        run.Tell(label.Diagnostics);
        if (!label.IsOk)
            return ExitCode.Mend;
        run.Results.Write(label.Value!, "label", json =>
        {
            json.WriteString("name", CarriedLayout.LabelName);
            json.WriteString("value", label.Value);
        });
        return ExitCode.Done;
    }

    private static Result<BoardManifest> Read(Run run, string name)
    {
        var boards = WorkspaceReader.Read(run.RepositoryPath).Value?.Boards;
        if (boards?.GetValueOrDefault(name) is { } own)
            return own;
        if (ShippedBoards.Names.Contains(name, StringComparer.Ordinal))
            return ShippedBoards.Read(name);
        if (File.Exists(name))
            return WorkspaceReader.ReadBoard(name);
        throw new UsageException($"there is no board '{name}'; expected a file or one of {string.Join(", ", boards?.Keys ?? ShippedBoards.Names)}");
    }
}
