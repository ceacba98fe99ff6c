using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>What a repository of git adds, with the real program, a real registry and real commits.</summary>
public sealed class GitFlowTests(RegistryFixture fixture) : IClassFixture<RegistryFixture>, IDisposable
{
    private readonly Fleet _fleet = new(fixture.Registry);
    private readonly string _prefix = $"team-{Guid.NewGuid():n}";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _fleet.Dispose();

    [Fact]
    public async Task A_commit_is_released_whatever_lies_in_the_work_tree()
    {
        await _fleet.PushAsync($"{_prefix}/base", ("1", "1"), Ct);
        _fleet.AddImage("kiosk", $"{_prefix}/base");
        var git = new GitFixture(_fleet.RootPath);
        var commit = git.Commit("The kiosk");
        _fleet.Write("images/kiosk/image.yaml", "not: [yaml").AddImage("later", $"{_prefix}/base");

        (await _fleet.RunAsync(Ct, "validate", "--json")).ShouldEndWith(1);
        (await _fleet.RunAsync(Ct, "validate", "--ref", "main", "--json")).ShouldEndWith(0);
        (await _fleet.RunAsync(Ct, "reconcile", "--ref", "main")).ShouldEndWith(0).Stderr.ShouldContain($"manifests at main ({commit[..10]})");

        using var record = JsonDocument.Parse(File.ReadAllText(Path.Combine(_fleet.Latest("kiosk"), "inputs.json")));
        record.RootElement.GetProperty("commit").GetString().ShouldBe(commit);
        _fleet.Releases("later").ShouldBeEmpty();
        File.ReadAllText(git["images/kiosk/image.yaml"]).ShouldBe("not: [yaml");
        git.Run("status", "--porcelain").ShouldBe(" M images/kiosk/image.yaml\n?? images/later/");
        Directory.EnumerateFileSystemEntries(Path.Combine(_fleet.Program.HomePath, ".cache/pipeline")).Select(Path.GetFileName).ShouldNotContain("commits");

        var plan = (await _fleet.RunAsync(Ct, "plan", "--ref", commit[..8], "--json")).ShouldEndWith(0);
        plan.Objects("target").Single().GetProperty("state").GetString().ShouldBe("current");
        plan.Objects("repository").Single().GetProperty("commit").GetString().ShouldBe(commit);
        (await _fleet.RunAsync(Ct, "plan", "--ref", "v9")).ShouldEndWith(1).Stderr.ShouldContain("PL3502");
    }

    [Fact]
    public async Task A_watch_of_a_remotes_branch_follows_it_and_keeps_no_more_than_one_copy_of_its_files()
    {
        await _fleet.PushAsync($"{_prefix}/base", ("1", "1"), Ct);
        _fleet.AddImage("kiosk", $"{_prefix}/base");
        var git = new GitFixture(_fleet.RootPath);
        git.Commit("The kiosk");
        var watched = Path.Combine(_fleet.WholePath, "watched");
        git.Run("clone", "-q", ".", watched);
        using var service = _fleet.Program.Start("reconcile", "--watch", "--interval", "1s", "--ref", "origin/main", "--fetch", "--repo", watched, "--json");
        var complaints = service.StandardError.ReadToEndAsync(Ct);
        await RoundsAsync(service, 2);
        _fleet.AddImage("later", $"{_prefix}/base");
        git.Commit("Another one");
        // The copy for a round under way, and the one of the round before.
        for (var round = 0; round < 3; round++)
        {
            await RoundsAsync(service, 1);
            Directory.EnumerateDirectories(Path.Combine(_fleet.Program.HomePath, ".cache/pipeline/commits"), "commit*", SearchOption.AllDirectories).Count().ShouldBeInRange(1, 2);
        }
        Tool.Require("kill", "-TERM", $"{service.Id}");
        await service.WaitForExitAsync(Ct);
        service.ExitCode.ShouldBe(130, await complaints);
        File.Exists(Path.Combine(watched, "releases/later/latest/inputs.json")).ShouldBeTrue(await complaints);
    }

    private static async Task RoundsAsync(System.Diagnostics.Process service, int count)
    {
        while (count > 0)
        {
            var line = await service.StandardOutput.ReadLineAsync(Ct);
            if (line.ShouldNotBeNull("the service ended").Contains("\"type\":\"reconciled\"", StringComparison.Ordinal))
                count--;
        }
    }

    [Fact]
    public async Task A_script_runs_on_the_files_of_the_commit()
    {
        const string script = "#!/bin/sh\nset -e\nmkdir -p $PIPELINE_SCRATCH/etc $PIPELINE_SCRATCH/usr/bin\ncp word $PIPELINE_SCRATCH/etc/word\ntar -C $PIPELINE_SCRATCH -cf $PIPELINE_OUTPUT .\n";
        var git = new GitFixture(_fleet.RootPath);
        _fleet.Write("images/made/image.yaml", "description: Made\nsource: command:build.sh\nboards: [plain]\n").Write("images/made/word", "committed\n");
        git.Write("images/made/build.sh", script, isProgram: true);
        git.Commit("A script");
        _fleet.Write("images/made/word", "from the work tree\n");
        var output = Path.Combine(_fleet.WholePath, "out");
        (await _fleet.RunAsync(Ct, "build", "made", "--ref", "HEAD", "-o", output, "--json")).ShouldEndWith(0);
        var image = Directory.EnumerateFiles(Path.Combine(output, "made"), "*.img").Single();
        var content = await File.ReadAllTextAsync(image, System.Text.Encoding.Latin1, Ct);
        content.ShouldContain("committed\n");
        content.ShouldNotContain("from the work tree");
    }

    [Fact]
    public async Task A_branch_shows_what_it_touches_and_only_that_is_planned()
    {
        await _fleet.PushAsync($"{_prefix}/base", ("1", "1"), Ct);
        _fleet.AddImage("kiosk", $"{_prefix}/base").AddImage("nas", $"{_prefix}/base");
        var git = new GitFixture(_fleet.RootPath);
        git.Commit("Two images");
        (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0);
        git.Run("checkout", "-q", "-b", "topic");
        (await _fleet.RunAsync(Ct, "plan", "--since", "main")).ShouldEndWith(0).Stdout.ShouldContain("no image is touched since main");

        _fleet.Write("images/kiosk/image.yaml", File.ReadAllText(git["images/kiosk/image.yaml"]).Replace("hostname: kiosk", "hostname: lobby", StringComparison.Ordinal));
        git.Write("notes.md", "words").Commit("Rename the host");
        await fixture.Registry.TakeRequestsAsync(Ct);
        var plan = (await _fleet.RunAsync(Ct, "plan", "--since", "main", "--json")).ShouldEndWith(0);
        var change = plan.Objects("change").Single();
        change.GetProperty("image").GetString().ShouldBe("kiosk");
        change.GetProperty("because")[0].GetString().ShouldBe("images/kiosk/image.yaml changed");
        change.GetProperty("inputs")[0].GetString().ShouldBe("customize.hostname kiosk → lobby");
        plan.Objects("since").Single().GetProperty("ineffective")[0].GetString().ShouldBe("notes.md added");
        plan.Objects("target").Single().GetProperty("state").GetString().ShouldBe("stale");

        var text = (await _fleet.RunAsync(Ct, "plan", "--since", "main", "--ref", "topic")).ShouldEndWith(0).Stdout;
        text.ShouldContain("kiosk  changed  images/kiosk/image.yaml changed");
        text.ShouldContain("without effect on images: notes.md");
        (await _fleet.RunAsync(Ct, "plan", "nas", "--since", "main")).ShouldEndWith(0).Stdout.ShouldContain("no image is touched");
        (await _fleet.RunAsync(Ct, "plan", "--since", "nowhere")).ShouldEndWith(1).Stderr.ShouldContain("PL3502");
    }

    /// <summary>The upstream is behind git's own HTTP server; the variant lies in another repository.</summary>
    [Fact]
    public async Task A_variant_follows_an_upstream_over_http_and_shows_what_moved()
    {
        await _fleet.PushAsync($"{_prefix}/base", ("1", "1"), Ct);
        var upstream = new GitFixture(Path.Combine(_fleet.WholePath, "served/upstream"));
        var manifest = $"description: Base\nsource: {_fleet.Registry.Host}/{_prefix}/base:1\nboards: [crate]\ncustomize:\n  hostname: one\n";
        upstream.Write("images/base/image.yaml", manifest).Write("boards/crate.yaml", File.ReadAllText(Path.Combine(_fleet.RootPath, "boards/plain.yaml"))).Commit("First");
        using var server = new GitHttpServer(Path.Combine(_fleet.WholePath, "served"));
        var name = $"git+http://{server.Host}/upstream?ref=main";
        _fleet.Write("images/kiosk/image.yaml", $"extends: git+http://{server.Host}/upstream//images/base?ref=main\n");

        (await _fleet.RunAsync(Ct, "plan")).ShouldEndWith(1).Output.ShouldContain("PL3402");
        (await _fleet.RunAsync(Ct, "update")).ShouldEndWith(0).Stdout.ShouldContain($"{name} is pinned to {upstream.Run("rev-parse", "HEAD")[..10]}");
        (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0);
        _fleet.Releases("kiosk").Length.ShouldBe(1);

        upstream.Write("images/base/image.yaml", manifest.Replace("one", "two", StringComparison.Ordinal)).Commit("Second");
        var plan = (await _fleet.RunAsync(Ct, "plan", "--json")).ShouldEndWith(0);
        plan.Objects("target").Single().GetProperty("state").GetString().ShouldBe("current", "what is pinned counts");
        plan.Objects("behind").Single().GetProperty("newest").GetString().ShouldBe(upstream.Run("rev-parse", "HEAD"));
        server.Requests.Clear();
        (await _fleet.RunAsync(Ct, "plan", "--offline")).ShouldEndWith(0);
        server.Requests.ShouldBeEmpty();

        var dry = (await _fleet.RunAsync(Ct, "update", "--dry-run", "--json")).ShouldEndWith(0);
        dry.Objects("change").Single().GetProperty("inputs")[0].GetString().ShouldBe("customize.hostname one → two");
        (await _fleet.RunAsync(Ct, "update", "nothing")).ShouldEndWith(2);
        var moved = (await _fleet.RunAsync(Ct, "update", "kiosk")).ShouldEndWith(0);
        moved.Stdout.ShouldContain("kiosk  changed  customize.hostname one → two");
        (await _fleet.RunAsync(Ct, "plan")).ShouldEndWith(0).Stdout.ShouldContain("customize.hostname one → two");
        (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0);
        File.ReadAllText(Path.Combine(_fleet.Latest("kiosk"), "CHANGELOG.md")).ShouldContain("hostname");

        server.Dispose();
        (await _fleet.RunAsync(Ct, "plan")).ShouldEndWith(0);
        (await _fleet.RunAsync(Ct, "update")).ShouldEndWith(3).Output.ShouldContain("PL9401");
    }

    [Fact]
    public async Task Manifests_come_out_of_a_registry_too()
    {
        await _fleet.PushAsync($"{_prefix}/base", ("1", "1"), Ct);
        await PushManifestsAsync("one");
        _fleet.Write("images/kiosk/image.yaml", $"extends: oci://{_fleet.Registry.Host}/{_prefix}/manifests:1//images/base\n");
        (await _fleet.RunAsync(Ct, "update")).ShouldEndWith(0).Stdout.ShouldContain("is pinned to sha256:");
        (await _fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0);
        await PushManifestsAsync("two");
        (await _fleet.RunAsync(Ct, "plan")).ShouldEndWith(0).Stderr.ShouldContain("has moved on");
        (await _fleet.RunAsync(Ct, "update")).ShouldEndWith(0).Stdout.ShouldContain("customize.hostname one → two");

        // Another machine, which knows the lock file only.
        Directory.Delete(Path.Combine(_fleet.Program.HomePath, ".cache"), recursive: true);
        (await _fleet.RunAsync(Ct, "validate", "--offline")).ShouldEndWith(1).Output.ShouldContain("PL3403");
        (await _fleet.RunAsync(Ct, "validate")).ShouldEndWith(0);

        var odd = _fleet.Layout.AddImage("linux/amd64", [_fleet.Layout.AddLayer(new TarBuilder().File("../x", "x").ToArray())]);
        await _fleet.Registry.PushAsync(_fleet.Layout, odd, $"{_prefix}/manifests", "1", Ct);
        (await _fleet.RunAsync(Ct, "update")).ShouldEndWith(1).Output.ShouldContain("PL3412");
    }

    private async Task PushManifestsAsync(string hostname)
    {
        var tar = new TarBuilder().Directory("images").Directory("images/base")
            .File("images/base/image.yaml", $"description: Base\nsource: {_fleet.Registry.Host}/{_prefix}/base:1\nboards: [plain]\ncustomize:\n  hostname: {hostname}\n");
        var image = _fleet.Layout.AddImage("linux/amd64", [_fleet.Layout.AddLayer(tar.ToArray())]);
        await _fleet.Registry.PushAsync(_fleet.Layout, image, $"{_prefix}/manifests", "1", Ct);
    }
}
