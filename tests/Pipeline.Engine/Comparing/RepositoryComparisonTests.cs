using Pipeline.Engine.Git;
using Pipeline.Engine.Opening;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Comparing;

/// <summary>Ranges of real commits over a small repository: a base with a script, an image that extends it, one that stands alone.</summary>
public sealed class RepositoryComparisonTests : IDisposable
{
    private readonly TempDir _temp = new();
    private readonly ManifestRepository _manifests = new();
    private readonly GitFixture _git;

    public RepositoryComparisonTests()
    {
        _git = new(_manifests.RootPath);
        _git.Write("images/base/image.yaml", "description: Base\nsource: command:build.sh\nboards: [box]\n").Write("images/base/build.sh", "#!/bin/sh\n", isProgram: true);
        _git.Write("images/middle/image.yaml", "abstract: true\nextends: base\ncustomize:\n  hostname: middle\n");
        _git.Write("images/desk/image.yaml", "extends: middle\ndescription: Desk\n").Write("README.md", "read me");
        _git.Commit("First");
        _git.Run("tag", "begin");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _temp.Dispose();
        _manifests.Dispose();
    }

    [Fact]
    public async Task A_file_that_the_script_of_a_base_reads_touches_all_that_extend_it_and_the_way_is_told()
    {
        _git.Write("images/base/lib/apt.sh", "more");
        var changes = await CompareAsync();
        changes.Images.Select(i => i.Image).ShouldBe(["base", "desk"]);
        changes.Images[1].Because.ShouldBe(["extends middle: extends base: images/base/lib/apt.sh added"]);
        changes.Images[1].Inputs.ShouldHaveSingleItem().ShouldStartWith("source.manifest sha256:");
        changes.Images[0].Because.ShouldBe(["images/base/lib/apt.sh added"]);
        changes.Ineffective.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_key_of_something_extended_touches_what_inherits_it_only()
    {
        _git.Write("images/middle/image.yaml", "abstract: true\nextends: base\ncustomize:\n  hostname: centre\n");
        var changes = await CompareAsync();
        var desk = changes.Images.ShouldHaveSingleItem();
        desk.Image.ShouldBe("desk");
        desk.Kind.ShouldBe(ImageChangeKind.Changed);
        desk.Because.ShouldBe(["extends middle: images/middle/image.yaml changed"]);
        desk.Inputs.ShouldBe(["customize.hostname middle → centre"]);
    }

    [Fact]
    public async Task A_board_touches_the_images_that_name_it()
    {
        _manifests.Edit(ManifestRepository.Box, "size: 64MiB", "size: 128MiB");
        var changes = await CompareAsync();
        changes.Images.Select(i => i.Image).ShouldBe(["base", "desk", "kiosk"]);
        changes.Images.ShouldAllBe(i => i.Because.Contains("board box: boards/box.yaml changed"));
        changes.Images[2].Inputs.ShouldBe(["board.partitions[0].size 64 MiB → 128 MiB"]);
    }

    [Theory]
    [InlineData("README.md", "other words")]
    [InlineData("docs/new.md", "words")]
    [InlineData("pipeline.yaml", "version: 1\n")]
    [InlineData("images/kiosk/image.yaml", "# a comment\n" + "description: Kiosk, in other words\nsource: registry.example/kiosk:1\nboards: [box]\noutputs: [disk]\ncustomize:\n  hostname: kiosk\n  kernelArguments: [quiet]\n  files:\n    - path: /etc/motd\n      text: hello\n  users:\n    - name: guest\n      uid: 1000\nlabels:\n  title: Kiosk\n")]
    public async Task What_decides_nothing_touches_nothing(string file, string text)
    {
        _git.Write(file, text);
        var changes = await CompareAsync();
        changes.Images.ShouldBeEmpty();
        changes.Ineffective.Single().Path.ShouldBe(file);
    }

    [Fact]
    public async Task A_file_that_a_manifest_names_touches_it()
    {
        _manifests.Edit(ManifestRepository.Kiosk, "text: hello", "source: ../../shared/motd");
        _git.Write("shared/motd", "one");
        _git.Commit("A file");
        _git.Run("tag", "-f", "begin");
        _git.Write("shared/motd", "two");
        var kiosk = (await CompareAsync()).Images.ShouldHaveSingleItem();
        kiosk.Because.ShouldBe(["shared/motd changed"]);
        kiosk.Inputs.ShouldHaveSingleItem().ShouldStartWith("customize.files[/etc/motd].content sha256:");
    }

    [Theory]
    [InlineData("images/kit/system.yml", "cmdline: quiet", "cmdline: loud")]
    [InlineData("images/kit/system.yml", "image: example/main:1", "image: example/main:2")]
    [InlineData("images/kit/system.yml", "path: etc/motd", "path: etc/issue")]
    [InlineData("images/kit/motd", "hello", "good day")]
    public async Task A_LinuxKit_file_and_what_it_copies_touch_the_image(string file, string old, string changed)
    {
        const string system = "kernel: {image: example/kernel:1, cmdline: quiet}\ninit: [example/init:1]\nservices: [{name: main, image: example/main:1}]\nfiles: [{path: etc/motd, source: motd}]\n";
        _git.Write("images/kit/image.yaml", "description: A system\nsource: linuxkit:system.yml\nboards: [box]\n").Write("images/kit/system.yml", system).Write("images/kit/motd", "hello");
        _git.Commit("A system");
        _git.Run("tag", "-f", "begin");
        _manifests.Edit(file, old, changed);
        var kit = (await CompareAsync()).Images.ShouldHaveSingleItem();
        (kit.Image, kit.Kind).ShouldBe(("kit", ImageChangeKind.Changed));
        kit.Because.ShouldBe([$"{file} changed"]);
        kit.Inputs.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task Only_the_executable_bit_counts_too()
    {
        Tool.Require("chmod", "a-x", _git["images/base/build.sh"]);
        (await CompareAsync()).Images.Select(i => i.Image).ShouldBe(["base", "desk"]);
    }

    [Fact]
    public async Task New_deleted_renamed_and_broken_images_are_told_apart()
    {
        _git.Write("images/new/image.yaml", "extends: base\n");
        _git.Run("mv", "images/kiosk", "images/lobby");
        _git.Write("images/broken/image.yaml", "source: [");
        _git.Write("images/gone/image.yaml", "description: Gone\nsource: registry.example/gone:1\nboards: [box]\n");
        _git.Commit("Second");
        _git.Run("tag", "second");
        Directory.Delete(_git["images/gone"], recursive: true);
        _git.Commit("Third");

        var changes = await CompareAsync();
        changes.Images.Select(i => (i.Image, i.Kind)).ShouldBe(
            [("broken", ImageChangeKind.Invalid), ("lobby", ImageChangeKind.Renamed), ("new", ImageChangeKind.Added)]);
        changes.Images[1].OldName.ShouldBe("kiosk");
        changes.Images[2].Because.ShouldBe(["images/new/image.yaml added"]);

        var later = await CompareAsync("second");
        later.Images.Select(i => (i.Image, i.Kind)).ShouldBe([("gone", ImageChangeKind.Deleted)]);
        later.Present.ShouldBeEmpty();
        var all = await CompareAsync(null);
        all.Images.Where(i => i.Kind != ImageChangeKind.Invalid).ShouldAllBe(i => i.Kind == ImageChangeKind.Added);
    }

    [Fact]
    public async Task An_image_that_was_broken_and_is_mended_is_touched()
    {
        _manifests.Edit(ManifestRepository.Kiosk, "hostname: kiosk", "hostnmae: kiosk");
        _git.Commit("Broken");
        _git.Run("tag", "-f", "begin");
        (await CompareAsync()).Images.ShouldBeEmpty("it is as broken as it was");
        _manifests.Edit(ManifestRepository.Kiosk, "hostnmae: kiosk", "hostname: kiosk");
        var kiosk = (await CompareAsync()).Images.ShouldHaveSingleItem();
        kiosk.Kind.ShouldBe(ImageChangeKind.Changed);
        kiosk.Inputs.ShouldBe(["its manifest had mistakes before"]);
    }

    [Fact]
    public async Task A_board_that_is_added_to_an_image_is_told()
    {
        _git.Write("boards/crate.yaml", ManifestRepository.BoxText);
        _manifests.Edit(ManifestRepository.Kiosk, "boards: [box]", "boards: [box, crate]");
        var kiosk = (await CompareAsync()).Images.ShouldHaveSingleItem();
        kiosk.Inputs.ShouldBe(["board crate added"]);
        kiosk.Because.ShouldBe(["board crate: boards/crate.yaml added", "images/kiosk/image.yaml changed"]);
    }

    [Fact]
    public async Task The_range_begins_where_the_lines_parted()
    {
        _git.Run("checkout", "-q", "-b", "topic");
        _git.Write("images/base/build.sh", "#!/bin/sh\necho topic\n").Commit("On the topic");
        _git.Run("checkout", "-q", "main");
        _manifests.Edit(ManifestRepository.Kiosk, "hostname: kiosk", "hostname: main");
        _git.Commit("On main");
        _git.Run("checkout", "-q", "topic");
        var now = (await ReadAsync(null)).Value!;
        var begin = await RangeReader.BeginAsync(now, "main", Ct);
        begin.Value.ShouldBe(_git.Run("rev-parse", "begin"));
        var changes = await RangeReader.CompareAsync((await ReadAsync(begin.Value)).Value, now, begin.Value!, Ct);
        changes.Value!.Images.Select(i => i.Image).ShouldBe(["base", "desk"], "what main did meanwhile is not of this branch");
    }

    [Fact]
    public async Task Lines_without_a_common_commit_and_clones_that_were_cut_are_said()
    {
        _git.Run("checkout", "-q", "--orphan", "alone");
        _git.Commit("Alone");
        var now = (await ReadAsync(null)).Value!;
        (await RangeReader.BeginAsync(now, "main", Ct)).Diagnostics.Single().Rule.ShouldBe(GitRules.NoCommonCommit);
        _git.Run("checkout", "-q", "main");
        _git.Write("x", "x").Commit("Second");
        _git.Run("clone", "-q", "--depth", "1", "file://" + _git.Directory, _temp["shallow"]);
        var shallow = (await Opener(_temp.Path).ReadAsync(new(_temp["shallow"], null), Ct)).Value!;
        (await RangeReader.BeginAsync(shallow, "begin", Ct)).Diagnostics.Single().Message.ShouldContain("fetch-depth: 0");
    }

    private async Task<ChangeSet> CompareAsync(string? since = "begin")
    {
        var begin = _git.Run("rev-parse", since ?? "begin");
        var old = since is null ? null : (await ReadAsync(begin)).Value;
        return (await RangeReader.CompareAsync(old, (await ReadAsync(null)).Value!, begin, Ct)).Value!;
    }

    private Task<Core.Diagnostics.Result<Manifests.Models.Workspace>> ReadAsync(string? commit) =>
        Opener(Directory.CreateDirectory(_temp[Guid.NewGuid().ToString("n")]).FullName).ReadAsync(new(_manifests.RootPath, commit), Ct);

    private static RepositoryOpener Opener(string scratch) => new(new()
    {
        Scratch = () => scratch,
        Cache = new(scratch, TimeProvider.System),
        Registries = _ => throw new InvalidOperationException("nothing is in a registry"),
    });
}
