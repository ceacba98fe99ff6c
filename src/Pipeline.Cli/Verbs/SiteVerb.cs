using System.CommandLine;
using Pipeline.Web.Pages;
using Pipeline.Web.Status;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline site</c>: the status and the downloads as files for any web server.</summary>
internal static class SiteVerb
{
    public static Command Create(CommonOptions common)
    {
        var output = new Option<string>("--output", "-o") { HelpName = "DIR", Description = "Where the pages go", DefaultValueFactory = _ => "site" };
        var title = new Option<string>("--title") { HelpName = "TEXT", Description = "The name of the site", DefaultValueFactory = _ => "Images" };
        return new VerbCommand("site", "Write the status and the downloads as web pages")
        {
            Notes = "Plain files without a server, fit for GitHub Pages. They show the releases and what 'pipeline plan' says now.\nFiles of the directory that the site does not have are left alone.",
            Examples = [("pipeline site --releases github -o public", "pages about the releases on GitHub")],
            ExitCodes = [(ExitCode.Done, "written"), (ExitCode.Mend, "the manifests cannot be read at all"), (ExitCode.TryAgain, "the release store could not be looked at, or the disk failed")],
        }
        .With(output, title, common.Releases, common.Repository, common.Ref, common.Cache, common.Offline)
        .Does(common, (run, ct) => ActAsync(run, run.Value(output)!, run.Value(title)!, ct));
    }

    private static async Task<ExitCode> ActAsync(Run run, string output, string title, CancellationToken ct)
    {
        await using var opened = await OpenedRepository.OpenAsync(run, ct);
        if (opened.Workspace is not { } workspace)
            return opened.Exit;
        await using var parts = Composition.ForLooking(run, workspace);
        var keeper = new StatusKeeper(parts.Host, parts.Reader, title);
        keeper.Read(opened.Diagnostics);
        keeper.Plan(workspace, await parts.Reconciler(opened.Selection, force: false).PlanAsync(workspace, ct));
        await keeper.ReadReleasesAsync(ct);
        await using var pages = new PageRenderer();
        var files = await pages.RenderAllAsync(keeper.Take(live: null));
        foreach (var file in files)
            Write(Path.Combine(output, file.Path), file.Content);
        run.Results.Write($"{Text.Count(files.Length, "file")} in {output}", "site", json =>
        {
            json.WriteString("directory", Path.GetFullPath(output));
            json.WriteNumber("files", files.Length);
        });
        return ExitCode.Done;
    }

    /// <summary>By rename: a server that shows the directory shows the old page or the new one.</summary>
    private static void Write(string path, ReadOnlyMemory<byte> content)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var fresh = path + ".new";
        File.WriteAllBytes(fresh, content.Span);
        File.Move(fresh, path, overwrite: true);
    }
}
