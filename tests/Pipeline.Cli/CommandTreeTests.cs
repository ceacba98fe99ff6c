using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli;

public sealed class CommandTreeTests : IDisposable
{
    private readonly TempDir _temp = new();

    private PipelineCommand Pipeline => new(_temp.Path);

    [Theory]
    [InlineData("validate")]
    [InlineData("plan")]
    [InlineData("build")]
    [InlineData("publish")]
    [InlineData("reconcile")]
    [InlineData("inspect")]
    [InlineData("flash")]
    [InlineData("cache")]
    [InlineData("cache prune")]
    [InlineData("boards")]
    [InlineData("boards show")]
    [InlineData("layout export")]
    [InlineData("init")]
    [InlineData("completion")]
    public void Help_of_each_verb_has_examples_and_exit_codes(string verb)
    {
        var help = Pipeline.Run([.. verb.Split(' '), "--help"]);
        help.ExitCode.ShouldBe(0);
        help.Stderr.ShouldBeEmpty();
        help.Stdout.ShouldContain("Examples:\n  ");
        help.Stdout.ShouldContain("pipeline " + verb, customMessage: "an example of its own");
        help.Stdout.ShouldContain("Exit codes:\n    0  ");
        help.Stdout.ShouldContain("\n  130  ");
    }

    /// <summary>What a script leaves of a variable that is not set.</summary>
    [Theory]
    [InlineData("build --output ")]
    [InlineData("plan --cache ")]
    [InlineData("validate --repo ")]
    [InlineData("site --output ")]
    [InlineData("reconcile --summary ")]
    [InlineData("publish --staged ")]
    [InlineData("serve ")]
    [InlineData("serve --dir ")]
    [InlineData("verify ")]
    [InlineData("verify x --key ")]
    [InlineData("key new ")]
    [InlineData("init ")]
    [InlineData("cache --cache ")]
    public void The_empty_text_is_no_path(string commandLine)
    {
        var result = Pipeline.Run(commandLine.Split(' '));
        result.ExitCode.ShouldBe(2, result.Output);
        result.Stderr.ShouldContain("is a variable not set?");
    }

    /// <summary>They say what is built again; without that they would be passed over without a word.</summary>
    [Theory]
    [InlineData("verify kiosk --board nope")]
    [InlineData("verify kiosk --ref nope")]
    public void What_says_what_to_build_again_needs_that(string commandLine)
    {
        var result = Pipeline.Run(commandLine.Split(' '));
        result.ExitCode.ShouldBe(2, result.Output);
        result.Stderr.ShouldContain("--rebuild");
    }

    /// <summary>Pages would lie between the manifests, and what is published must hold no password.</summary>
    [Theory]
    [InlineData("-o .", "holds the manifests")]
    [InlineData("-o images/kiosk", "holds the manifests")]
    [InlineData("-o boards", "holds the manifests")]
    [InlineData("-o public --files-at https://me:secret@example.org/", "expected an address such as")]
    public void Pages_go_to_a_place_of_their_own(string options, string why)
    {
        using var repository = new TarRepository("kiosk");
        var before = Directory.GetFileSystemEntries(repository.RootPath, "*", SearchOption.AllDirectories);
        var result = repository.Pipeline.Run(["site", .. options.Split(' ')]);
        result.ExitCode.ShouldBe(2, result.Output);
        result.Stderr.ShouldContain(why);
        Directory.GetFileSystemEntries(repository.RootPath, "*", SearchOption.AllDirectories).ShouldBe(before, ignoreOrder: true);
        repository.Pipeline.Run("site", "-o", "public").ExitCode.ShouldBe(0);
        repository.Pipeline.Run("site", "-o", "public").ExitCode.ShouldBe(0, "a site may be written again");
    }

    [Theory]
    [InlineData("no verb", "", "Commands:")]
    [InlineData("a slip", "plam", "did you mean 'plan'?")]
    [InlineData("an unknown option", "plan --forse", "did you mean '--force'?")]
    [InlineData("no output", "build", "'--output' is required")]
    [InlineData("a board for a directory", "build --from oci:x --as directory -o d -b uefi-arm64", "--board is about a disk")]
    [InlineData("a board and a platform", "build --from oci:x -o disk.img -b uefi-arm64 --platform arm64", "a board says its platform")]
    [InlineData("two boards", "build --from oci:x -o disk.img -b uefi-arm64 -b uefi-x86_64", "--from takes one --board")]
    [InlineData("a direct option in a repository", "build -o out --hostname x", "--hostname goes with --from")]
    [InlineData("names with --from", "build kiosk --from oci:x -b uefi-arm64 -o disk.img", "name no images")]
    [InlineData("an unknown board", "build --from oci:x -b nonesuch -o disk.img", "there is no board 'nonesuch'; expected a file, from-container, or one of")]
    [InlineData("an output without a directory", "build --from oci:x -b uefi-arm64 -o no/such/disk.img", "make it first")]
    [InlineData("an output that is a directory", "build --from oci:x -b uefi-arm64 -o .", "is a directory")]
    [InlineData("no interval", "reconcile --watch --interval soon", "expected a number and s, m, h or d")]
    [InlineData("none side by side", "reconcile --parallel 0", "expected 1 or more")]
    [InlineData("no size", "cache prune --limit big", "is not a size")]
    [InlineData("another shell", "completion tcsh", "tcsh")]
    [InlineData("nothing was built", "publish -o nowhere", "there is no directory 'nowhere'")]
    public void Wrong_arguments_end_with_2(string what, string line, string complaint)
    {
        var result = Pipeline.Run(line.Split(' ', StringSplitOptions.RemoveEmptyEntries));
        result.ExitCode.ShouldBe(2, $"{what}\n{result.Output}");
        result.Stderr.ShouldContain(complaint);
        result.Stdout.ShouldBeEmpty();
        Directory.EnumerateFileSystemEntries(_temp.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("noon")]
    [InlineData("253402300800")] // the year 10000
    public void A_wrong_clock_in_the_environment_is_a_wrong_argument(string clock)
    {
        using var repository = new ManifestRepository();
        var pipeline = new PipelineCommand(repository.RootPath) { Environment = { ["SOURCE_DATE_EPOCH"] = clock } };
        var result = pipeline.Run("plan", "--offline");
        result.ExitCode.ShouldBe(2, result.Output);
        result.Stderr.ShouldContain($"SOURCE_DATE_EPOCH is '{clock}', expected seconds");
    }

    public void Dispose() => _temp.Dispose();
}
