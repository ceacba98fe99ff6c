using System.Text.RegularExpressions;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Workflows;

/// <summary>The files below <c>.github</c>: sound, pinned, and with no more rights than they need.</summary>
public sealed partial class WorkflowTests
{
    private static string Folder => Path.Combine(Documents.RootPath, ".github");

    private static string[] Workflows => [.. Directory.EnumerateFiles(Path.Combine(Folder, "workflows")).Order(StringComparer.Ordinal)];

    [Fact]
    public void Actionlint_has_nothing_to_say() => Actionlint.Complaints(Workflows).ShouldBeEmpty();

    [Theory]
    [InlineData("run: pipeline validate --github", "run: echo ${{ github.head_ref }}", "potentially untrusted")]
    [InlineData("runs-on: ubuntu-latest", "runs-on: ubuntu-later", "runner-label")]
    [InlineData("if: ${{ !cancelled() }}", "if: ${{ !canceled() }}", "canceled")]
    [InlineData("pull_request:", "pull_requests:", "pull_requests")]
    public void Actionlint_can_say_no(string sound, string broken, string complaint)
    {
        using var temp = new TempDir();
        var text = File.ReadAllText(Path.Combine(Folder, "workflows", "pull-request.yml"));
        text.ShouldContain(sound);
        File.WriteAllText(temp["broken.yml"], text.Replace(sound, broken, StringComparison.Ordinal));
        Actionlint.Complaints(temp["broken.yml"]).ShouldContain(c => c.Contains(complaint));
    }

    [Fact]
    public void Every_action_is_pinned_by_its_commit_and_says_its_version()
    {
        var files = Workflows.Append(Path.Combine(Folder, "actions", "setup", "action.yml")).ToList();
        var used = files.SelectMany(f => Workflow.Read(f).Uses).Where(u => !u.StartsWith("./", StringComparison.Ordinal)).Distinct(StringComparer.Ordinal).ToList();
        used.ShouldNotBeEmpty();
        used.ShouldAllBe(u => Pinned().IsMatch(u));
        var text = string.Concat(files.Select(File.ReadAllText));
        used.ShouldAllBe(u => Regex.IsMatch(text, Regex.Escape(u) + " # v[0-9]+\\.[0-9]+\\.[0-9]+\n"));
        // One version of an action in all files.
        used.Select(u => u.Split('@')[0]).ShouldBeUnique();
    }

    /// <summary>What the action builds is a program that runs. It was built before these tests began, so this is a copy.</summary>
    [Fact]
    public void The_setup_action_puts_the_program_on_the_path()
    {
        using var temp = new TempDir();
        File.WriteAllText(temp["path"], "");
        var run = new WorkflowRun(temp.Path, temp["artifacts"]);
        run.Environment["GITHUB_PATH"] = temp["path"];
        run.Expressions["github.action_path"] = Path.Combine(Folder, "actions", "setup");
        var job = run.Run([.. Workflow.Read(Path.Combine(Folder, "actions", "setup", "action.yml")).ActionSteps.Where(s => s.Run is not null)]);
        job.IsGood.ShouldBeTrue(job.Output);
        File.ReadAllText(temp["path"]).Trim().ShouldBe(run.Environment["RUNNER_TEMP"] + "/pipeline");
        job.Output.ShouldContain("0 Warning(s)");
    }

    [Theory]
    [InlineData("pull-request", "contents: read")]
    [InlineData("test", "contents: read")]
    [InlineData("release", "contents: read")]
    [InlineData("reconcile", "contents: write, actions: read")]
    [InlineData("shares", "contents: read")]
    [InlineData("comment", "contents: read, actions: read, pull-requests: write")]
    public void A_workflow_has_no_more_rights_than_these(string name, string rights) =>
        string.Join(", ", Workflow.Read(Path.Combine(Folder, "workflows", name + ".yml")).Permissions.Select(p => $"{p.Key}: {p.Value}")).ShouldBe(rights);

    [Fact]
    public void Only_what_releases_may_write_and_only_there() =>
        string.Join(", ", Of("release").PermissionsOf("release").Select(p => $"{p.Key}: {p.Value}")).ShouldBe("contents: write, actions: read");

    /// <summary>
    /// A pull request of a stranger runs with what <c>pull_request</c> gives to forks: a token that reads and no secret. What may write
    /// starts behind it, from the default branch, and takes nothing but an artifact.
    /// </summary>
    [Fact]
    public void What_a_stranger_sends_meets_no_secret_and_no_right()
    {
        Of("pull-request").Triggers.ShouldBe(["pull_request"]);
        Of("comment").Triggers.ShouldBe(["workflow_run"]);
        foreach (var path in Workflows)
        {
            var text = File.ReadAllText(path);
            text.ShouldNotContain("secrets.");
            text.ShouldNotContain("pull_request_target");
            var workflow = Workflow.Read(path);
            // A job that calls a workflow has no steps of its own.
            foreach (var checkout in (workflow.Triggers.Contains("schedule") ? [] : workflow.Jobs).SelectMany(workflow.Steps).Where(s => s.Uses?.StartsWith("actions/checkout@", StringComparison.Ordinal) == true))
                checkout.With["persist-credentials"].ShouldBe("false", path);
        }
        Of("comment").Steps("comment").Single(s => s.Uses?.StartsWith("actions/checkout@", StringComparison.Ordinal) == true).With.Keys.ShouldBe(["persist-credentials"], "the default branch and no other");
    }

    [Fact]
    public void The_schedule_comes_at_an_odd_minute() =>
        Of("release").Crons.ShouldHaveSingleItem().Split(' ')[0].ShouldSatisfyAllConditions(m => (int.Parse(m) % 5).ShouldNotBe(0), m => (int.Parse(m) % 2).ShouldBe(1));

    [Theory]
    [InlineData("pull-request", "github.event.pull_request.number", "true")]
    [InlineData("comment", "github.event.workflow_run.head_branch", null)]
    [InlineData("reconcile", "pipeline-reconcile", "false")]
    [InlineData("test", "github.ref", "true")]
    public void Runs_about_the_same_thing_follow_each_other(string name, string subject, string? isCancelled)
    {
        Of(name).Concurrency["group"].ShouldContain(subject);
        Of(name).Concurrency.GetValueOrDefault("cancel-in-progress").ShouldBe(isCancelled);
    }

    private static Workflow Of(string name) => Workflow.Read(Path.Combine(Folder, "workflows", name + ".yml"));

    [Fact]
    public void Each_workflow_is_in_that_list() => Workflows.Length.ShouldBe(6);

    [GeneratedRegex(@"\A[\w.-]+/[\w./-]+@[0-9a-f]{40}\z")]
    private static partial Regex Pinned();
}
