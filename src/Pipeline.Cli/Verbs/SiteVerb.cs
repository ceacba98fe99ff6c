using System.CommandLine;
using Pipeline.Engine.Listing;
using Pipeline.Engine.Manifests.Models;
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
        var filesAt = new Option<string?>("--files-at") { HelpName = "URL", Description = "The address at which the directory of releases is served; for links in pages and lists" };
        var updates = new Option<bool>("--updates") { Description = "Also lay out all releases for systemd-sysupdate, in updates/: links, copies or downloads of the images" };
        return new VerbCommand("site", "Write the status and the downloads as web pages")
        {
            Notes = "Plain files without a server, fit for GitHub Pages. They show the releases and what 'pipeline plan' says now. Beside the pages are\nlists for programs: images.json, and os_list.json for Raspberry Pi Imager.\nFiles of the directory that the site does not have are left alone.",
            Examples =
            [
                ("pipeline site --releases github -o public", "pages about the releases on GitHub"),
                ("pipeline site -o /srv/www --files-at https://example.org/releases/ --updates", "beside a directory of releases that the same server shows"),
            ],
            ExitCodes = [(ExitCode.Done, "written"), (ExitCode.Mend, "the manifests cannot be read at all"), (ExitCode.TryAgain, "the release store could not be looked at, or the disk failed")],
        }
        .With(output, title, filesAt, updates, common.Releases, common.Repository, common.Ref, common.Cache, common.Offline)
        .Does(common, (run, ct) => ActAsync(run, new(run.Value(output)!, run.Value(title)!, WebAddress.Parse(filesAt.Name, run.Value(filesAt)), run.Value(updates)), ct));
    }

    private sealed record Wishes(string Output, string Title, Uri? FilesAt, bool Updates);

    private static async Task<ExitCode> ActAsync(Run run, Wishes wishes, CancellationToken ct)
    {
        RefuseManifests(Path.GetFullPath(wishes.Output), run.RepositoryPath);
        await using var opened = await OpenedRepository.OpenAsync(run, ct);
        if (opened.Workspace is not { } workspace)
            return opened.Exit;
        await using var parts = Composition.ForLooking(run, workspace);
        var keeper = new StatusKeeper(parts.Host, parts.Reader, wishes.Title) { FilesAt = wishes.FilesAt };
        keeper.Read(opened.Diagnostics);
        keeper.Plan(workspace, await parts.Reconciler(opened.Selection, force: false).PlanAsync(workspace, ct));
        await keeper.ReadReleasesAsync(ct);
        await using var pages = new PageRenderer();
        var files = await pages.RenderAllAsync(keeper.Take(live: null));
        foreach (var file in files)
            Write(Path.Combine(wishes.Output, file.Path), file.Content);
        var lists = await WriteListsAsync(run, workspace, parts, wishes, ct);
        run.Results.Write($"{Text.Count(files.Length + lists, "file")} in {wishes.Output}", "site", json =>
        {
            json.WriteString("directory", Path.GetFullPath(wishes.Output));
            json.WriteNumber("files", files.Length + lists);
        });
        return ExitCode.Done;
    }

    /// <summary>Pages and manifests both have folders 'images' and 'boards', and a file in an image's folder may decide what it is built from.</summary>
    private static void RefuseManifests(string output, string repository)
    {
        string[] places = [Path.Combine(repository, "images"), Path.Combine(repository, "boards")];
        if (output == repository || Array.Exists(places, p => output == p || output.StartsWith(p + '/', StringComparison.Ordinal)))
            throw new UsageException($"'{output}' holds the manifests; pages go into a directory of their own, such as 'site'");
    }

    /// <returns>How many files were written, those of updates not counted.</returns>
    private static async Task<int> WriteListsAsync(Run run, Workspace workspace, Composition parts, Wishes wishes, CancellationToken ct)
    {
        var catalogue = await new CatalogueReader(parts.Reader, wishes.FilesAt).ReadAsync(workspace, ct);
        var lists = ReleaseLists.Of(catalogue.Value!, workspace.Boards);
        run.Tell([.. catalogue.Diagnostics, .. lists.Diagnostics]);
        foreach (var (name, content) in lists.Files)
            Write(Path.Combine(wishes.Output, name), content);
        if (wishes.Updates)
            run.Tell(await new UpdateFolder(parts.Reader, Path.GetFullPath(Path.Combine(wishes.Output, "updates")), run.Teller).WriteAsync(workspace, ct));
        return lists.Files.Count;
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
