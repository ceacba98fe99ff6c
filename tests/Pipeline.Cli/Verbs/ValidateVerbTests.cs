using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli.Verbs;

public sealed class ValidateVerbTests : IDisposable
{
    private readonly ManifestRepository _repository = new();

    [Fact]
    public void A_good_repository_ends_with_0()
    {
        var result = Run("validate");
        result.ExitCode.ShouldBe(0, result.Output);
        result.Stdout.ShouldBe("1 image, 1 board of its own: no mistakes\n");
        result.Stderr.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("human")]
    [InlineData("json")]
    [InlineData("github")]
    public void Mistakes_are_told_all_at_once(string form)
    {
        MakeMistakes();
        var result = Run(form == "human" ? ["validate"] : ["validate", "--" + form]);
        result.ExitCode.ShouldBe(1, result.Output);
        Golden.Match($"validate-{form}.txt", $"{result.Stderr}--- standard output\n{result.Stdout}");
    }

    [Fact]
    public void Annotations_are_automatic_in_a_workflow()
    {
        MakeMistakes();
        var pipeline = new PipelineCommand(_repository.RootPath) { Environment = { ["GITHUB_ACTIONS"] = "true" } };
        pipeline.Run("validate").Stderr.ShouldStartWith("::error file=");
    }

    /// <summary>GitHub looks for a file from the top of the git repository, wherever the manifests lie in it.</summary>
    [Theory]
    [InlineData("the manifests at the top", "", "file=images/kiosk/image.yaml,")]
    [InlineData("the manifests in a folder", "os/disks", "file=os/disks/images/kiosk/image.yaml,")]
    public void Annotations_land_on_the_file(string what, string folder, string place)
    {
        MakeMistakes();
        using var temp = new TempDir();
        Tool.Require("git", "init", "--quiet", temp.Path);
        var root = Path.Combine(temp.Path, folder);
        Directory.CreateDirectory(root);
        Tool.Require("cp", "-r", _repository.RootPath + "/.", root);
        new PipelineCommand(temp.Path).Run("validate", "--github", "--repo", root).Stderr.ShouldContain(place, customMessage: what);
        new PipelineCommand(root).Run("validate", "--github").Stderr.ShouldContain(place, customMessage: what);
        new PipelineCommand(root).Run("validate").Stderr.ShouldContain("\nimages/kiosk/image.yaml:", customMessage: "people stand where the manifests are");
    }

    [Fact]
    public void The_repository_is_found_from_a_folder_inside()
    {
        var result = new PipelineCommand(Path.Combine(_repository.RootPath, "images", "kiosk")).Run("validate");
        result.Stdout.ShouldStartWith("1 image");
        result.ExitCode.ShouldBe(0);
    }

    [Fact]
    public void Where_there_is_no_repository_it_says_so()
    {
        using var temp = new TempDir();
        var result = new PipelineCommand(temp.Path).Run("validate");
        result.ExitCode.ShouldBe(1);
        result.Stderr.ShouldContain("error PL1");
    }

    public void Dispose() => _repository.Dispose();

    private ToolResult Run(params string[] arguments) => new PipelineCommand(_repository.RootPath).Run(arguments);

    private void MakeMistakes() => _repository
        .Edit(ManifestRepository.Kiosk, "hostname: kiosk", "hostnam: kiosk")
        .Edit(ManifestRepository.Kiosk, "boards: [box]", "boards: [bax]")
        .Edit(ManifestRepository.Box, "size: 64MiB", "size: 64 potatoes");
}
