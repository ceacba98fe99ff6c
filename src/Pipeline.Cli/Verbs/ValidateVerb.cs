using System.CommandLine;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline validate</c>: all mistakes of a repository in one run. Runs nothing, and asks nobody but for manifests from elsewhere that the cache lacks.</summary>
internal static class ValidateVerb
{
    public static Command Create(CommonOptions common) =>
        new VerbCommand("validate", "Check every manifest and board of a repository, without network")
        {
            Examples =
            [
                ("pipeline validate", "all mistakes of the repository around this directory, as file:line:column"),
                ("pipeline validate --repo ../images --json", "the same for a program, one object per mistake"),
                ("pipeline validate --ref origin/main", "a branch, without checking it out"),
                ("pipeline validate --github", "the same as annotations on a pull request"),
            ],
            ExitCodes = [(ExitCode.Done, "no mistakes (there may be warnings)"), (ExitCode.Mend, "there are mistakes"), (ExitCode.TryAgain, "a file could not be read")],
        }
        .With(common.Repository, common.Ref, common.Cache, common.Offline)
        .Does(common, ActAsync);

    private static async Task<ExitCode> ActAsync(Run run, CancellationToken ct)
    {
        await using var opened = await OpenedRepository.OpenToTellAsync(run, ct);
        if (opened.Workspace is not { } workspace)
            return opened.Exit;
        var errors = opened.Diagnostics.Count(d => d.Rule.Severity == Severity.Error);
        var warnings = opened.Diagnostics.Length - errors;
        var images = workspace.Images.Length + workspace.InvalidImages.Length;
        var own = workspace.Boards.Values.Count(b => b is { IsShipped: false, Span.Tree: null });
        var found = errors + warnings == 0 ? run.Results.Paint.Good("no mistakes") : $"{Text.Count(errors, "error")}, {Text.Count(warnings, "warning")}";
        run.Results.Write($"{Text.Count(images, "image")}, {Text.Count(own, "board")} of its own: {found}", "validated", json =>
        {
            json.WriteNumber("images", images);
            json.WriteNumber("invalidImages", workspace.InvalidImages.Length);
            json.WriteNumber("boards", own);
            json.WriteNumber("errors", errors);
            json.WriteNumber("warnings", warnings);
        });
        return errors > 0 ? ExitCode.Mend : ExitCode.Done;
    }
}
