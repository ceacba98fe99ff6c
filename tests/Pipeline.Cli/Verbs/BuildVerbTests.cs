using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Cli.Verbs;

public sealed class BuildVerbTests
{
    [Fact]
    public void A_source_becomes_a_disk_without_a_repository()
    {
        using var temp = new TempDir();
        File.WriteAllText(temp["box.yaml"], TarRepository.BoardText);
        File.WriteAllBytes(temp["root.tar"], OciLayoutWriter.TarOf(("etc/motd", "hello")));
        var pipeline = new PipelineCommand(temp.Path);
        var plain = pipeline.Run("build", "--from", "tar:root.tar", "--board", "box.yaml", "-o", "disk.img", "--bmap", "--hostname", "box1");
        plain.ExitCode.ShouldBe(0, plain.Output);
        Tool.Require("zstd", "--version");
        pipeline.Run("build", "--from", "tar:root.tar", "--board", "box.yaml", "-o", "disk2.img.zst", "--hostname", "box1").ExitCode.ShouldBe(0);
        Tool.Require("zstd", "-dq", temp["disk2.img.zst"]);
        File.ReadAllBytes(temp["disk2.img"]).AsSpan().SequenceEqual(File.ReadAllBytes(temp["disk.img"])).ShouldBeTrue("one image, however it is packed");
        Directory.EnumerateFileSystemEntries(temp.Path).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe([".cache-of-test", "box.yaml", "disk.img", "disk.img.bmap", "disk2.img", "disk2.img.zst", "root.tar"], ignoreOrder: true);
        var map = pipeline.Run("inspect", "disk.img");
        map.ExitCode.ShouldBe(0, map.Output);
        map.Stdout.ShouldContain("partition 1 'root'");
    }

    [Fact]
    public void A_mistake_leaves_what_was_there()
    {
        using var temp = new TempDir();
        File.WriteAllText(temp["disk.img"], "precious");
        var result = new PipelineCommand(temp.Path).Run("build", "--from", "tar:gone.tar", "--board", "uefi-x86_64", "-o", "disk.img");
        result.ExitCode.ShouldBe(1, result.Output);
        result.Stderr.ShouldStartWith("error PL2", customMessage: "a command line has no line and column");
        File.ReadAllText(temp["disk.img"]).ShouldBe("precious");
        Directory.EnumerateFileSystemEntries(temp.Path).Select(Path.GetFileName).ShouldBe(["disk.img"]);
    }

    [Fact]
    public void A_host_name_is_judged_as_in_a_manifest()
    {
        using var temp = new TempDir();
        var result = new PipelineCommand(temp.Path).Run("build", "--from", "tar:x", "-b", "uefi-x86_64", "-o", "d.img", "--hostname", "a b");
        result.ExitCode.ShouldBe(1);
        result.Stderr.ShouldStartWith("error PL1040: 'a b' is not a host name");
    }

    [Fact]
    public void Build_then_publish_takes_what_was_built()
    {
        using var repository = new TarRepository("kiosk", "wall");
        var pipeline = repository.Pipeline;
        var built = pipeline.Run("build", "--output", "out");
        built.ExitCode.ShouldBe(0, built.Output);
        built.Stdout.ShouldContain("kiosk  built  unreleased");
        Directory.Exists(repository["releases"]).ShouldBeFalse();
        Tool.Require("sh", "-c", $"cd {repository["out/kiosk"]} && sha256sum -c --strict SHA256SUMS");

        File.AppendAllText(repository["out/wall/wall-box.img"], "booted meanwhile");
        var published = pipeline.Run("publish", "-o", "out");
        published.ExitCode.ShouldBe(0, published.Output);
        published.Stderr.ShouldContain("kiosk/box/disk was built from the same inputs before");
        published.Stderr.ShouldContain("wall/box/disk is built again");
        Tool.Require("sh", "-c", $"cd {repository["releases/kiosk/latest"]} && sha256sum -c --strict SHA256SUMS");
        Tool.Require("sh", "-c", $"cd {repository["releases/wall/latest"]} && sha256sum -c --strict SHA256SUMS");
        pipeline.Run("build", "-o", "out").Stdout.ShouldEndWith("2 images: 2 current\n");
    }

    [Theory]
    [InlineData("images", "the manifests are in 'images'")]
    [InlineData("./boards/out", "the manifests are in './boards/out'")]
    [InlineData("releases", "the releases are in 'releases'")]
    public void What_is_built_lies_neither_among_manifests_nor_among_releases(string output, string complaint)
    {
        using var repository = new TarRepository("kiosk");
        var before = Directory.EnumerateFiles(repository["images"], "*", SearchOption.AllDirectories).ToList();

        var built = repository.Pipeline.Run("build", "-o", output);

        built.ExitCode.ShouldBe(2, built.Output);
        built.Stderr.ShouldContain(complaint);
        Directory.EnumerateFiles(repository["images"], "*", SearchOption.AllDirectories).ShouldBe(before);
        Directory.Exists(repository["releases"]).ShouldBeFalse();
        repository.Pipeline.Run("build", "-o", "images.out").ExitCode.ShouldBe(0);
    }

    [Fact]
    public void A_named_image_is_built_although_it_is_suspended()
    {
        using var repository = new TarRepository("kiosk");
        File.AppendAllText(repository["images/kiosk/image.yaml"], "suspend: true\n");
        repository.Pipeline.Run("build", "-o", "out").Stdout.ShouldBe("1 image: suspended\n");
        Directory.Exists(repository["out"]).ShouldBeFalse();
        repository.Pipeline.Run("build", "kiosk", "-o", "out").Stdout.ShouldContain("kiosk  built");
    }
}
