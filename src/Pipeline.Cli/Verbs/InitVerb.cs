using System.CommandLine;
using System.Text.RegularExpressions;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Scaffolding;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline init</c>: a new repository with one image.</summary>
internal static partial class InitVerb
{
    public static Command Create(CommonOptions common)
    {
        var directory = new Argument<string>("DIR") { HelpName = "DIR", Description = "Where; made when needed", DefaultValueFactory = _ => "." };
        var name = new Option<string>("--name") { HelpName = "NAME", Description = "The name of the first image", DefaultValueFactory = _ => "first" };
        var from = new Option<string>("--from") { HelpName = "SOURCE", Description = "What it is made from", DefaultValueFactory = _ => "quay.io/fedora/fedora-bootc:42" };
        var board = new Option<string>("--board", "-b") { HelpName = "BOARD", Description = "The board that it is for", DefaultValueFactory = _ => "uefi-x86_64" };
        var tool = new Option<string?>("--workflow") { HelpName = "OWNER/NAME[@REF]", Description = "Also write a workflow of GitHub Actions that calls the one of this repository, which has the tool" };
        board.CompletionSources.Add(_ => ShippedBoards.Names);
        return new VerbCommand("init", "Begin a repository of manifests with one image")
        {
            Examples =
            [
                ("pipeline init", "in this directory"),
                ("pipeline init --workflow acme/pipeline@main", "with a workflow that builds and releases on GitHub, where acme/pipeline is your copy of the tool"),
                ("pipeline init images --name kiosk --from quay.io/centos-bootc/centos-bootc:stream9 --board uefi-arm64", "elsewhere, with an image of your choice"),
            ],
            ExitCodes = [(ExitCode.Done, "written, and free of mistakes"), (ExitCode.Mend, "written, and the image has a mistake that is printed"), (ExitCode.TryAgain, "the disk failed")],
        }
        .With(directory, name, from, board, tool)
        .Does(common, (run, _) => Task.FromResult(Act(run, run.Value(directory)!, WithTool(new(run.Value(name)!, run.Value(from)!, run.Value(board)!), run.Value(tool)))));
    }

    private static FirstImage WithTool(FirstImage first, string? tool)
    {
        if (tool is null)
            return first;
        var match = Tool().Match(tool);
        if (!match.Success)
            throw new UsageException($"--workflow is '{tool}', expected OWNER/NAME or OWNER/NAME@REF");
        return first with { Tool = match.Groups["tool"].Value, ToolRef = match.Groups["ref"] is { Success: true } named ? named.Value : first.ToolRef };
    }

    [GeneratedRegex(@"\A(?<tool>[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+)(@(?<ref>[A-Za-z0-9][A-Za-z0-9._/-]*))?\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex Tool();

    private static ExitCode Act(Run run, string directory, FirstImage first)
    {
        var path = Path.GetFullPath(directory);
        if (RepositoryWriter.IsRepository(path))
            throw new UsageException($"'{directory}' already holds a repository of manifests; add images to its 'images' by hand");
        if (!FirstImage.IsName(first.Name))
            throw new UsageException($"'{first.Name}' is not a name of an image; use lower-case letters, digits, '.', '_' and '-'");
        if (!ShippedBoards.Names.Contains(first.Board, StringComparer.Ordinal))
            throw new UsageException($"there is no board '{first.Board}'; expected one of {string.Join(", ", ShippedBoards.Names)}");
        var (written, kept) = RepositoryWriter.Write(path, first);
        foreach (var file in written)
            run.Results.Write($"written {file}", "written", json => json.WriteString("file", file));
        foreach (var file in kept)
            run.Teller.Announce($"{file} was there and stays as it is");
        var read = WorkspaceReader.Read(path);
        run.Tell(read.Diagnostics);
        run.Teller.Announce("next: pipeline plan" + (path == Directory.GetCurrentDirectory() ? "" : $" --repo {directory}"));
        return read.IsOk ? ExitCode.Done : ExitCode.Mend;
    }
}
