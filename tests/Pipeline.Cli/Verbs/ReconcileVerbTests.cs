using System.Text.Json;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli.Verbs;

public sealed class ReconcileVerbTests
{
    [Fact]
    public void Plan_then_reconcile_then_current_then_stale_because()
    {
        using var repository = new TarRepository("kiosk", "wall");
        var pipeline = repository.Pipeline;
        var first = pipeline.Run("plan");
        first.ExitCode.ShouldBe(0, first.Output);
        Golden.Match("plan-new.txt", first.Stdout);

        var built = pipeline.Run("reconcile");
        built.ExitCode.ShouldBe(0, built.Output);
        built.Stdout.ShouldMatch(@"kiosk  released  \d{8}\.0  /.*/releases/kiosk/\d{8}\.0\nwall   released .*\n2 images: 2 released\n$");
        File.Exists(repository["releases/kiosk/latest/kiosk-box.img"]).ShouldBeTrue();
        Directory.Exists(repository[".pipeline"]).ShouldBeFalse();

        var again = pipeline.Run("reconcile");
        again.ExitCode.ShouldBe(0, again.Output);
        again.Stdout.ShouldEndWith("2 images: 2 current\n");
        again.Stderr.ShouldBeEmpty();

        repository.WriteTar("images/wall/root.tar", "changed");
        var stale = pipeline.Run("reconcile", "--dry-run").Stdout;
        stale.ShouldMatch(@"kiosk  box    disk    current\n");
        stale.ShouldMatch(@"wall   box    disk    stale    source\.manifest sha256:[0-9a-f]{12}… → sha256:[0-9a-f]{12}…\n");
        pipeline.Run("plan", "kiosk", "--force").Stdout.ShouldContain("stale  forced");
    }

    [Fact]
    public void Json_is_an_object_a_line()
    {
        using var repository = new TarRepository("kiosk");
        var lines = Objects(repository.Pipeline.Run("plan", "--json"));
        lines.Select(l => l.GetProperty("type").GetString()).ShouldBe(["target", "plan"]);
        lines[0].GetProperty("because")[0].GetProperty("kind").GetString().ShouldBe("neverPublished");
        lines[0].GetProperty("inputs").GetProperty("source.manifest").GetString().ShouldStartWith("sha256:");
        var types = Objects(repository.Pipeline.Run("reconcile", "--json"));
        types[^1].GetProperty("type").GetString().ShouldBe("reconciled");
        types[^2].GetProperty("result").GetString().ShouldBe("released");
        types.Count(t => t.GetProperty("type").GetString() == "begin").ShouldBe(types.Count(t => t.GetProperty("type").GetString() == "end"));
    }

    [Fact]
    public void One_bad_image_does_not_stop_the_other()
    {
        using var repository = new TarRepository("kiosk", "wall");
        repository.Write("images/wall/image.yaml", "description: wall\nsource: tar:gone.tar\nboards: [box]\n");
        var result = repository.Pipeline.Run("reconcile");
        result.ExitCode.ShouldBe(1, result.Output);
        result.Stdout.ShouldContain("kiosk  released");
        result.Stdout.ShouldContain("wall   invalid");
        result.Stderr.ShouldContain("images/wall/image.yaml:2:9: error PL2");
    }

    [Fact]
    public void A_configuration_that_cannot_be_understood_releases_nothing_anywhere()
    {
        using var repository = new TarRepository("kiosk");
        repository.Write("pipeline.yaml", "version: 1\nreleases:\n  directroy: elsewhere\n");
        var result = repository.Pipeline.Run("reconcile");
        result.ExitCode.ShouldBe(1, result.Output);
        result.Stderr.ShouldContain("pipeline.yaml:3:3: error PL1004: unknown key 'directroy'");
        (Directory.Exists(repository["releases"]), Directory.Exists(repository["elsewhere"])).ShouldBe((false, false));
        var plan = repository.Pipeline.Run("plan");
        (plan.ExitCode, plan.Stdout).ShouldBe((1, "IMAGE  BOARD  OUTPUT  STATE    BECAUSE\nkiosk  -      -       invalid  its manifest or pipeline.yaml has mistakes\nno targets: 1 invalid\n"));
    }

    [Theory]
    [InlineData("--listen 127.0.0.1:8080", 2, "--listen is for a run with --watch; add --watch")]
    [InlineData("--fetch", 2, "say with --ref which branch is read, such as --ref origin/main")]
    [InlineData("--interval 5m", 2, "--interval is for a run with --watch; add --watch")]
    [InlineData("--watch --dry-run", 2, "--dry-run only plans, once; leave out --watch")]
    [InlineData("--watch --listen localhost:1", 2, "expected ADDRESS:PORT")]
    [InlineData("--watch --listen 0 --files-at example.org", 2, "--files-at is 'example.org', expected an address")]
    [InlineData("--watch --listen 203.0.113.1:9", 3, "PL6404: nothing can be served at 203.0.113.1:9: Cannot assign requested address; choose another")]
    public void A_service_that_cannot_be_is_refused(string options, int exitCode, string complaint)
    {
        using var repository = new TarRepository("kiosk");
        var result = repository.Pipeline.Run(["reconcile", .. options.Split(' ')]);
        result.ExitCode.ShouldBe(exitCode, result.Output);
        result.Stderr.ShouldContain(complaint);
        Directory.Exists(repository["releases"]).ShouldBeFalse();
    }

    [Fact]
    public void A_name_that_selects_nothing_ends_with_2()
    {
        using var repository = new TarRepository("kiosk");
        var result = repository.Pipeline.Run("plan", "kiosc");
        result.ExitCode.ShouldBe(2);
        result.Stderr.ShouldContain("there is no image 'kiosc'; expected one of kiosk");
    }

    [Theory]
    [InlineData("Ctrl-C", false)]
    [InlineData("SIGTERM", true)]
    public void Cancelled_it_leaves_nothing_behind(string what, bool byTerminate)
    {
        using var repository = new TarRepository();
        repository.Write("images/slow/image.yaml", "description: slow\nsource: command:make.sh\nboards: [box]\n");
        repository.Write("images/slow/make.sh", "#!/bin/sh\ntouch \"$PIPELINE_SCRATCH/begun\"\nsleep 50\n");
        Tool.Require("chmod", "+x", repository["images/slow/make.sh"]);
        var result = repository.Pipeline.Interrupted(
            byTerminate,
            () => Directory.Exists(repository[".pipeline"]) && Directory.EnumerateFiles(repository[".pipeline"], "begun", SearchOption.AllDirectories).Any(),
            "reconcile");
        result.ExitCode.ShouldBe(130, what + result.Output);
        result.Stderr.ShouldContain("cancelled; nothing was left behind");
        Directory.Exists(repository[".pipeline"]).ShouldBeFalse();
        Directory.Exists(repository["releases"]).ShouldBeFalse();
    }

    [Fact]
    public void What_a_dead_run_left_is_removed()
    {
        using var repository = new TarRepository("kiosk");
        repository.Write(".pipeline/scratch/999999/lock", "");
        repository.Write(".pipeline/scratch/999999/work/kiosk/half.img", "half");
        repository.Pipeline.Run("reconcile").ExitCode.ShouldBe(0);
        Directory.Exists(repository[".pipeline/scratch/999999"]).ShouldBeFalse();
    }

    private static List<JsonElement> Objects(ToolResult result)
    {
        result.ExitCode.ShouldBe(0, result.Output);
        result.Stderr.ShouldBeEmpty();
        return [.. result.Stdout.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => JsonDocument.Parse(l).RootElement)];
    }
}
