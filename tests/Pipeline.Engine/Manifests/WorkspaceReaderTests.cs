using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests;

public sealed class WorkspaceReaderTests
{
    [Fact]
    public void What_is_written_is_what_is_read()
    {
        using var repository = new ManifestRepository();

        var workspace = repository.Read().Value!;

        workspace.Config.ReleaseDirectory.ShouldBe("out");
        workspace.Config.CacheLimitBytes.ShouldBe(1L << 30);
        workspace.Config.Registries["registry.example"].PlainHttp.ShouldBeTrue();
        var image = workspace.Images.ShouldHaveSingleItem();
        image.Source.Text.ShouldBe("registry.example/kiosk:1");
        image.Source.BaseDirectoryPath.ShouldBe(Path.Combine(repository.RootPath, "images/kiosk"));
        image.Customization.Hostname.ShouldBe("kiosk");
        image.Customization.Files.ShouldHaveSingleItem().Text.ShouldBe("hello");
        image.Customization.Users.ShouldHaveSingleItem().Uid.ShouldBe(1000u);
        image.Outputs.ShouldHaveSingleItem().Compression.ShouldBe(OutputCompression.None);
        image.Folders.ShouldBe(["images/kiosk"]);
        var board = workspace.Boards["box"];
        board.Platform.ToString().ShouldBe("linux/arm64");
        board.Partitions[1].TypeId.ShouldBe("b921b045-1df0-41c3-af44-4c6f280d3fae");
        board.Partitions[1].Flags.ShouldBe(new PartitionFlags(1UL << 59, false, true, false));
        board.Blobs[0].Offset.ShouldBe(ByteSize.KiB(32));
    }

    [Theory]
    [InlineData("github: {}", null, null, LargeFilePolicy.Split)]
    [InlineData("github: {repository: acme/images, api: 'https://ghe.example/api/v3', large: refuse}", "acme/images", "https://ghe.example/api/v3/", LargeFilePolicy.Refuse)]
    [InlineData("github: {api: 'http://127.0.0.1:8080/api/v3/', large: recompress}", null, "http://127.0.0.1:8080/api/v3/", LargeFilePolicy.Recompress)]
    public void Releases_may_go_to_GitHub(string written, string? repositoryName, string? api, LargeFilePolicy large)
    {
        using var repository = new ManifestRepository();
        repository.Write(ManifestRepository.Pipeline, $"version: 1\nreleases:\n  {written}\n  keep: 3\n");
        var config = repository.Read().Value!.Config;
        config.GitHub.ShouldBe(new GitHubStore(repositoryName, api is null ? null : new Uri(api), large));
        config.KeepReleases.ShouldBe(3);
    }

    [Fact]
    public void Releases_may_go_to_a_registry()
    {
        using var repository = new ManifestRepository();
        repository.Write(ManifestRepository.Pipeline, "version: 1\nreleases:\n  registry: 127.0.0.1:5000/acme/images\n");
        repository.Read().Value!.Config.ReleaseRegistry.ShouldBe("127.0.0.1:5000/acme/images");
    }

    /// <summary>Half of it would release to another place than was meant, or unsigned.</summary>
    [Theory]
    [InlineData("version: 1\nreleases: : {\n")]
    [InlineData("version: 1\nreleases:\n  directroy: out\n")]
    [InlineData("version: 1\nsigning: {publicKey: gone.pem}\n")]
    public void A_configuration_with_mistakes_makes_every_image_invalid(string written)
    {
        using var repository = new ManifestRepository();
        repository.Write(ManifestRepository.Pipeline, written);
        var workspace = repository.Read().Value!;
        workspace.HasSoundConfig.ShouldBeFalse();
        workspace.Images.ShouldBeEmpty();
        workspace.InvalidImages.ShouldBe(["kiosk"]);
    }

    [Fact]
    public void A_directory_without_manifests_is_no_repository()
    {
        using var directory = new TempDir();

        var result = WorkspaceReader.Read(directory.Path);

        result.Value.ShouldBeNull();
        result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(ManifestRules.NoRepository);
    }

    [Fact]
    public void All_mistakes_of_a_repository_come_in_one_run_in_order_and_good_images_go_on()
    {
        using var repository = new ManifestRepository();
        repository.Write("images/bad/image.yaml", "boards: [nowhere]\nsource: debian\nextra: 1\ncustomize: {hostname: '-', timezone: Mars}\n")
            .Write("images/worse/image.yaml", "{")
            .Write("boards/broken.yaml", "description: x\n")
            .Write("images/on-broken/image.yaml", "source: quay.io/a/b\nboards: [broken]\n");

        var result = repository.Read();

        result.IsOk.ShouldBeFalse();
        result.Value!.Images.Select(i => i.Name).ShouldBe(["kiosk"]);
        result.Value.InvalidImages.ShouldBe(["bad", "on-broken", "worse"]);
        Golden.Match("all-mistakes.txt", string.Concat(result.Diagnostics.Select(d => DiagnosticFormat.Human(d) + "\n")));
        Golden.Match("all-mistakes.json", string.Concat(result.Diagnostics.Select(d => DiagnosticFormat.Json(d) + "\n")));
        Golden.Match("all-mistakes.github", string.Concat(result.Diagnostics.Select(d => DiagnosticFormat.GitHub(d) + "\n")));
    }

    [Fact]
    public void Abstract_images_are_checked_but_not_offered()
    {
        using var repository = new ManifestRepository();
        repository.Write("images/base/image.yaml", "abstract: true\nsuspend: true\ncustomize: {hostname: base}\n")
            .Write("images/bad-base/image.yaml", "abstract: true\ncustomize: {hostname: -x}\n");

        var result = repository.Read();

        result.Value!.Images.Select(i => i.Name).ShouldBe(["kiosk"]);
        result.Value.InvalidImages.ShouldBeEmpty();
        result.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(ManifestRules.Hostname);
    }

    [Fact]
    public void A_source_is_relative_to_the_manifest_that_says_it()
    {
        using var repository = new ManifestRepository();
        repository.Write("images/base/image.yaml", "abstract: true\nsource: oci:layout\ncustomize: {files: [{path: /a, source: a.txt}]}\n")
            .Write("images/base/a.txt", "a")
            .Write("images/desk/image.yaml", "extends: ../base/image.yaml\nboards: [uefi-x86_64]\n");

        var image = repository.Read().Value!.Images.Single(i => i.Name == "desk");

        image.Source.BaseDirectoryPath.ShouldBe(Path.Combine(repository.RootPath, "images/base"));
        image.Customization.Files[0].SourcePath.ShouldBe(Path.Combine(repository.RootPath, "images/base/a.txt"));
        image.Folders.ShouldBe(["images/desk", "images/base"]);
    }

    [Fact]
    public void A_link_out_of_the_repository_is_not_followed()
    {
        using var repository = new ManifestRepository();
        File.CreateSymbolicLink(Path.Combine(repository.RootPath, "images/kiosk/secrets"), "/etc/passwd");
        repository.Edit(ManifestRepository.Kiosk, "text: hello", "source: secrets");

        repository.Read().Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(ManifestRules.PathOutside);
    }

    [Fact]
    public void Shipped_boards_are_there_without_being_copied_and_own_ones_replace_them()
    {
        using var repository = new ManifestRepository();
        repository.Write("boards/uefi-arm64.yaml", ManifestRepository.BoxText);

        var boards = repository.Read().Value!.Boards;

        boards["orangepi-pc"].IsShipped.ShouldBeTrue();
        boards["uefi-arm64"].IsShipped.ShouldBeFalse();
        boards["uefi-arm64"].Description.ShouldBe("A box");
    }

    [Fact]
    public void A_board_file_needs_no_repository()
    {
        using var directory = new TempDir();
        File.WriteAllText(directory["mine.yaml"], ManifestRepository.BoxText);

        var good = WorkspaceReader.ReadBoard(directory["mine.yaml"]);
        var missing = WorkspaceReader.ReadBoard(directory["none.yaml"]);

        good.IsOk.ShouldBeTrue();
        good.Value!.Name.ShouldBe("mine");
        missing.Value.ShouldBeNull();
        missing.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(ManifestRules.Unreadable);
    }

    /// <summary>Counted in bytes that are allocated, which are the same on every machine.</summary>
    [Fact]
    public void A_manifest_costs_the_same_however_many_there_are()
    {
        using var repository = new ManifestRepository();
        repository.Read();
        var (one, eleven, many) = (CostOf(0), CostOf(10), CostOf(60));

        var (first, later) = ((eleven - one) / 10, (many - eleven) / 50);
        later.ShouldBeInRange(1, first * 3 / 2);

        long CostOf(int more)
        {
            for (var i = 0; i < more; i++)
                repository.Write($"images/image-{i:00}/image.yaml", ManifestRepository.KioskText);
            var before = GC.GetAllocatedBytesForCurrentThread();
            repository.Read().Value!.Images.Length.ShouldBe(1 + more);
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }
}
