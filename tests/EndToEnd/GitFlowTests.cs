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
}
