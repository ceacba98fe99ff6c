using Pipeline.Cli.Reporting;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline build</c> in a repository.</summary>
internal static class BuildRepository
{
    public static async Task<ExitCode> ActAsync(Run run, string output, CancellationToken ct)
    {
        var directory = Path.GetFullPath(output);
        if (File.Exists(directory))
            throw new UsageException($"'{output}' is a file; in a repository, --output is a directory");
        await using var opened = await OpenedRepository.OpenAsync(run, ct);
        if (opened.Workspace is not { } workspace)
            return opened.Exit;
        await using var parts = Composition.ForFile(run, workspace, directory);
        var outcome = await parts.LocalBuild(opened.Selection, run.Value(run.Common.Force), directory).RunAsync(workspace, ct);
        return OutcomeText.Tell(run, outcome);
    }
}
