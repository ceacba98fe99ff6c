using System.Text.Json;
using System.Text.RegularExpressions;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli.Verbs;

public sealed class OtherVerbsTests : IDisposable
{
    private readonly TempDir _temp = new();

    private PipelineCommand Pipeline => new(_temp.Path);

    [Fact]
    public void Inspect_describes_every_platform_of_a_layout()
    {
        var layout = new OciLayoutWriter(_temp["layout"]);
        var layer = layout.AddLayer(OciLayoutWriter.TarOf(("etc/motd", "hello")), Packing.None);
        var index = layout.AddIndex([("linux/amd64", layout.AddImage("linux/amd64", [layer], ("title", "Kiosk"))), ("linux/arm64", layout.AddImage("linux/arm64", [layer]))]);
        layout.Tag("latest", index);
        var shown = Pipeline.Run("inspect", "oci:layout:latest");
        shown.ExitCode.ShouldBe(0, shown.Output);
        Golden.Match("inspect-layout.txt", Regex.Replace(shown.Stdout, "sha256:[0-9a-f]{64}", "sha256:(64 digits)"));
        shown.Stdout.ShouldContain(layer.Descriptor.Digest.Text);
        var json = JsonDocument.Parse(Pipeline.Run("inspect", "oci:layout:latest", "--json").Stdout).RootElement;
        json.GetProperty("images").GetArrayLength().ShouldBe(2);
        json.GetProperty("images")[0].GetProperty("labels").GetProperty("title").GetString().ShouldBe("Kiosk");
    }

    [Fact]
    public void A_name_of_a_file_in_git_does_not_begin_a_line_of_its_own()
    {
        using var repository = new TarRepository("kiosk");
        var git = new GitFixture(repository.RootPath);
        git.Commit("First");
        repository.Write("notes/a\n::error::b", "x").Write("images/kiosk/a\n::error::b", "x");
        git.Run("checkout", "-q", "-b", "other");
        git.Commit("Odd names");
        var plan = repository.Pipeline.Run("plan", "--since", "main");
        plan.ExitCode.ShouldBe(0, plan.Output);
        plan.Stdout.ShouldContain("notes/a\\u000A::error::b");
        plan.Stdout.Split('\n').ShouldAllBe(l => !l.StartsWith("::error", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("nothing.img")]
    [InlineData("./nothing")]
    [InlineData("oci:nothing")]
    public void Inspect_of_what_is_not_there_ends_with_1(string what)
    {
        var result = Pipeline.Run("inspect", what);
        result.ExitCode.ShouldBe(1, result.Output);
        result.Stderr.ShouldStartWith("error PL");
    }

    [Fact]
    public void Cache_is_shown_and_pruned()
    {
        var blob = Path.Combine(_temp["cache"], "blobs", "sha256", new string('a', 64));
        Directory.CreateDirectory(Path.GetDirectoryName(blob)!);
        File.WriteAllBytes(blob, new byte[2048]);
        Pipeline.Run("cache", "--cache", "cache").Stdout.ShouldContain("1 blob, 2 KiB");
        Pipeline.Run("cache", "prune", "--limit", "2KiB", "--cache", "cache").Stdout.ShouldBe("nothing removed, 2 KiB left\n");
        foreach (var (folder, size) in new[] { ("commands/a", 4096), ("commands/b", 1024), ("command-downloads/kiosk", 1024), ("remotes/c", 1024), ("downloads/kiosk", 1024) })
        {
            var tree = Directory.CreateDirectory(Path.Combine(_temp["cache"], folder)).FullName;
            File.WriteAllBytes(Path.Combine(tree, "file"), new byte[size]);
            Directory.SetLastWriteTimeUtc(tree, folder == "commands/a" ? new(2020, 1, 1) : new(2021, 1, 1));
        }
        var shown = Pipeline.Run("cache", "--cache", "cache").Stdout;
        shown.ShouldContain("2 results of scripts, 5 KiB\n");
        shown.ShouldContain("1 tree of manifests from elsewhere, 1 KiB\n");
        Pipeline.Run("cache", "prune", "--limit", "6KiB", "--cache", "cache").Stdout.ShouldBe("1 (4 KiB) removed, 6 KiB left\n");
        Directory.Exists(Path.Combine(_temp["cache"], "commands/a")).ShouldBeFalse("it was used longest ago");
        Pipeline.Run("cache", "prune", "--limit", "5", "--cache", "cache").Stderr.ShouldContain("'5' is not a size, expected a number and B");
        Pipeline.Run("cache", "prune", "--all", "--cache", "cache").Stdout.ShouldBe("5 (6 KiB) removed, 0 B left\n");
        File.Exists(blob).ShouldBeFalse();
    }

    [Fact]
    public void Boards_lists_the_shipped_and_those_of_the_repository()
    {
        using var repository = new TarRepository();
        var list = repository.Pipeline.Run("boards");
        list.ExitCode.ShouldBe(0, list.Output);
        list.Stdout.ShouldMatch("(?m)^box +linux/amd64 +none ");
        list.Stdout.ShouldMatch("(?m)^uefi-x86_64 +linux/amd64 +grub-efi ");
        repository.Pipeline.Run("boards", "box").Stdout.ShouldContain("partition  root  ext4  rest  /");
        Pipeline.Run("boards").Stdout.ShouldContain("orangepi-pc");
    }

    [Fact]
    public void Init_makes_a_repository_without_mistakes_and_only_once()
    {
        var made = Pipeline.Run("init", "new", "--name", "kiosk");
        made.ExitCode.ShouldBe(0, made.Output);
        made.Stdout.ShouldContain("written images/kiosk/image.yaml");
        var valid = Pipeline.Run("validate", "--repo", "new");
        valid.ExitCode.ShouldBe(0, valid.Output);
        valid.Stderr.ShouldBeEmpty();
        Pipeline.Run("init", "new").ExitCode.ShouldBe(2);
        var odd = Pipeline.Run("init", "odd", "--from", "it's odd");
        odd.ExitCode.ShouldBe(1, odd.Output);
        odd.Stderr.ShouldContain("images/first/image.yaml:3:9: error PL1");
    }

    [Fact]
    public void Init_writes_a_workflow_that_actionlint_takes_and_calls_what_is_there()
    {
        var made = Pipeline.Run("init", "new", "--workflow", "acme/pipeline@v1");
        made.ExitCode.ShouldBe(0, made.Output);
        var workflow = _temp["new/.github/workflows/release.yml"];
        Actionlint.Complaints(workflow).ShouldBeEmpty();
        var called = Workflow.Read(workflow).Uses.ShouldHaveSingleItem();
        called.ShouldBe("acme/pipeline/.github/workflows/reconcile.yml@v1");
        var inputs = Workflow.Read(Path.Combine(Documents.RootPath, ".github/workflows/reconcile.yml")).Inputs;
        Workflow.Read(workflow).CallWith("release").ShouldAllBe(i => inputs.Contains(i));
        Pipeline.Run("init", "odd", "--workflow", "acme").ExitCode.ShouldBe(2);
        Pipeline.Run("init", "plain").Output.ShouldNotContain("workflows");
    }

    [Fact]
    public void Completion_scripts_are_scripts_and_the_program_answers_them()
    {
        File.WriteAllText(_temp["c.bash"], Pipeline.Run("completion", "bash").Stdout);
        Tool.Require("bash", "-n", _temp["c.bash"]);
        File.WriteAllText(_temp["broken.bash"], File.ReadAllText(_temp["c.bash"]).Replace("}", "", StringComparison.Ordinal));
        Tool.Run("bash", "-n", _temp["broken.bash"]).ExitCode.ShouldNotBe(0, "the judge can say no");
        Pipeline.Run("completion", "zsh").Stdout.ShouldContain("compdef _pipeline pipeline");
        Pipeline.Run("completion", "fish").Stdout.ShouldContain("complete -c pipeline");
        using var repository = new TarRepository("kiosk");
        repository.Pipeline.Run("[suggest:12]", "pipeline val").Stdout.ShouldBe("validate\n");
        repository.Pipeline.Run("[suggest:14]", "pipeline plan ").Stdout.ShouldContain("kiosk\n");
        repository.Pipeline.Run("[suggest:20]", "pipeline plan --boar").Stdout.ShouldContain("--board\n");
    }

    [Fact]
    public void An_unwritable_place_is_the_outsides_fault()
    {
        using var repository = new TarRepository("kiosk");
        repository.Write("blocked", "a file where a directory should be");
        var result = repository.Pipeline.Run("cache", "--cache", "blocked/x", "prune");
        result.ExitCode.ShouldBe(0, result.Output);
        var built = repository.Pipeline.Run("build", "-o", "blocked/out");
        built.ExitCode.ShouldBe(3, built.Output);
        built.Stderr.ShouldContain("error PL9201: 'build' was interrupted");
    }

    public void Dispose() => _temp.Dispose();
}
