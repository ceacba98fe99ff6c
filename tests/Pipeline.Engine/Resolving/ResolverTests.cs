using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Resolving;

public sealed class ResolverTests : IDisposable
{
    private readonly Factory _factory = new();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _factory.Dispose();

    [Fact]
    public async Task Inputs_hold_what_decides_and_what_is_only_seen()
    {
        _factory.Sources.Push("base:1", "amd64", "arm64", version: "12.7");
        var target = (await ResolveAsync(SampleImages.Image("kiosk", "base:1", "pc"))).ShouldHaveSingleItem();
        var image = target.Resolved.ShouldBeOfType<ResolvedImage>().Image;
        target.Inputs!.Deciding.Select(e => $"{e.Key}={e.Value}")
            .ShouldBe(["board.platform=linux/amd64", $"engine.format={EngineFormat.Version}", $"source.manifest={image.ManifestDigest}"]);
        target.Inputs.Observed.Select(e => $"{e.Key}={e.Value}").ShouldBe(
            [
                $"source.config={image.ConfigDigest}", $"source.index={image.LookDigest}",
                "source.label.org.opencontainers.image.version=12.7", "source.reference=base:1",
            ]);
    }

    [Fact]
    public async Task Each_reference_is_looked_at_once_for_all_images_and_platforms()
    {
        _factory.Sources.Push("base:1", "x", "y");
        var targets = await ResolveAsync([.. Enumerable.Range(0, 20).Select(i => SampleImages.Image($"i{i}", "base:1", "pc", "pi"))]);
        targets.Length.ShouldBe(40);
        targets.ShouldAllBe(t => t.Problem == null);
        _factory.Sources.Looks.Count.ShouldBe(1);
    }

    [Theory]
    [InlineData("refused", true)]
    [InlineData("cut", true)]
    [InlineData("slow", true)]
    public async Task An_outside_that_does_not_answer_is_unreachable_and_the_others_go_on(string what, bool unreachable)
    {
        _factory.Sources.Push("good:1", "x", "y");
        _factory.Sources.Down["bad:1"] = what switch
        {
            "refused" => new HttpRequestException("connection refused"),
            "cut" => new IOException("connection cut"),
            _ => new TaskCanceledException("no answer in time"),
        };
        var targets = await ResolveAsync(SampleImages.Image("a", "bad:1", "pc"), SampleImages.Image("b", "good:1", "pc"));
        targets[0].Problem!.IsUnreachable.ShouldBe(unreachable);
        targets[0].Inputs.ShouldBeNull();
        targets[0].Problem!.Diagnostics[0].Rule.Severity.ShouldBe(Severity.Warning);
        targets[1].Problem.ShouldBeNull();
    }

    [Fact]
    public async Task A_platform_that_is_not_offered_makes_that_board_invalid_at_the_source_line()
    {
        _factory.Sources.Push("base:1", "x", arm64: null);
        var targets = await ResolveAsync(SampleImages.Image("kiosk", "base:1", "pc", "pi"));
        targets[0].Problem.ShouldBeNull();
        targets[1].Problem!.IsUnreachable.ShouldBeFalse();
        targets[1].Problem!.Diagnostics.ShouldHaveSingleItem().ToString()
            .ShouldBe("images/kiosk/image.yaml:3:9: error PL2902: 'base:1' is not offered for linux/arm64");
    }

    [Fact]
    public async Task An_image_that_a_blob_comes_from_decides_and_is_looked_at_once()
    {
        _factory.Sources.Push("base:1", "x", "y");
        _factory.Sources.Push("firmware:1", "fw", "fw-arm");
        var workspace = WithBlobs(SampleImages.Workspace(SampleImages.Image("a", "base:1", "pc", "pi"), SampleImages.Image("b", "base:1", "pi")), null);
        var targets = await _factory.Resolver().ResolveAsync(workspace, TargetSelection.All, Ct);

        targets.ShouldAllBe(t => t.Problem == null && t.BlobImages.Length == 1 && t.Inputs!.Observed["board.blobs[1].reference"] == "firmware:1");
        targets.Select(t => t.Inputs!.Deciding["board.blobs[1].image"]).Distinct().Count().ShouldBe(2);
        targets[0].BlobImages[0].Blob.ShouldBe(1);
        _factory.Sources.Looks.Order(StringComparer.Ordinal).ShouldBe(["base:1", "firmware:1"]);

        _factory.Sources.Push("firmware:1", "fw", "fw-arm moved");
        var moved = await _factory.Resolver().ResolveAsync(workspace, TargetSelection.All, Ct);
        var published = targets.ToDictionary(t => t.Id, t => new PublishedTarget(t.Id, "1", t.Inputs!, [], []), StringComparer.Ordinal);
        Planner.Plan(moved, published, force: false).Steps.Select(s => string.Join(',', s.Because.Select(b => b.Input)))
            .ShouldBe(["", "board.blobs[1].image", "board.blobs[1].image"]);
    }

    [Fact]
    public async Task An_image_of_a_blob_may_be_for_another_platform_and_its_absence_is_told_at_its_own_place()
    {
        _factory.Sources.Push("base:1", "x", "y");
        _factory.Sources.Push("firmware:1", "fw", null);
        var workspace = SampleImages.Workspace(SampleImages.Image("a", "base:1", "pi"));

        var offered = await _factory.Resolver().ResolveAsync(WithBlobs(workspace, SampleImages.Amd64), TargetSelection.All, Ct);
        offered.Single().BlobImages.Single().Image.Platform.ShouldBe(SampleImages.Amd64);
        var missing = await _factory.Resolver().ResolveAsync(WithBlobs(workspace, null), TargetSelection.All, Ct);
        missing.Single().Problem!.Diagnostics.Single().ToString().ShouldBe("boards/pi.yaml:9:12: error PL2902: 'firmware:1' is not offered for linux/arm64");
        missing.Single().Inputs.ShouldBeNull();
        _factory.Sources.Down["firmware:1"] = new HttpRequestException("connection refused");
        var down = await _factory.Resolver().ResolveAsync(WithBlobs(workspace, null), TargetSelection.All, Ct);
        down.Single().Problem!.IsUnreachable.ShouldBeTrue();
    }

    private static Workspace WithBlobs(Workspace workspace, Pipeline.Oci.Platforms.Platform? platform) => workspace with
    {
        Boards = workspace.Boards.ToImmutableSortedDictionary(b => b.Key, b => b.Value with
        {
            Blobs =
            [
                new("plain", "/a", null, null, new(8192), null, [], null),
                new("fw", "/fw.bin", null, null, new(65536), null, [], null) { Image = new(new("firmware:1", "/repository/boards", new($"boards/{b.Key}.yaml", 9, 12)), platform) },
            ],
        }, StringComparer.Ordinal),
    };

    [Fact]
    public async Task Two_ways_to_write_a_reference_are_one_look_and_each_manifest_is_told_at_its_own_place()
    {
        var targets = await ResolveAsync(SampleImages.Image("a", "gone:1", "pc"), SampleImages.Image("b", "short/gone:1", "pc"));
        _factory.Sources.Looks.ShouldHaveSingleItem();
        targets.Select(t => t.Problem!.Diagnostics[0].Span!.File).ShouldBe(["images/a/image.yaml", "images/b/image.yaml"]);
    }

    [Fact]
    public async Task Cancelling_is_not_unreachable()
    {
        _factory.Sources.Push("base:1", "x", "y");
        using var stop = new CancellationTokenSource();
        await stop.CancelAsync();
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        await Should.ThrowAsync<OperationCanceledException>(() => _factory.Resolver().ResolveAsync(workspace, TargetSelection.All, stop.Token));
    }

    [Fact]
    public async Task A_script_is_fingerprinted_by_its_folder_and_never_run()
    {
        var image = Scripted("kiosk");
        Write(image, "build.sh", $"#!/bin/sh\ntouch {_factory.Temp["ran"]}\n");
        var first = (await ResolveAsync(image)).ShouldHaveSingleItem();
        first.Resolved.ShouldBeOfType<ResolvedCommand>().ScriptPath.ShouldBe(Path.Combine(image.DirectoryPath, "build.sh"));
        first.Inputs!.Deciding["source.platform"].ShouldBe("linux/amd64");
        File.Exists(_factory.Temp["ran"]).ShouldBeFalse();
        _factory.Sources.Looks.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("a file's content", true)]
    [InlineData("a new file", true)]
    [InlineData("an empty directory", true)]
    [InlineData("the executable bit", true)]
    [InlineData("a link's target", true)]
    [InlineData("a name", true)]
    [InlineData("the group's permissions", false)]
    [InlineData("the time", false)]
    [InlineData("an editor's swap file", false)]
    [InlineData("the manifest", false)]
    public async Task The_fingerprint_follows(string what, bool changes)
    {
        var image = Scripted("kiosk");
        Write(image, "build.sh", "x");
        Write(image, "parts/list", "x");
        Write(image, "image.yaml", "x");
        File.CreateSymbolicLink(Path.Combine(image.DirectoryPath, "link"), "/does/not/exist");
        var before = await FingerprintAsync(image);
        (await FingerprintAsync(image)).ShouldBe(before);
        Change(image, what);
        ((await FingerprintAsync(image)) != before).ShouldBe(changes);
    }

    [Theory]
    [InlineData("command:absent.sh", "PL3002")]
    [InlineData("command:../other/build.sh", "PL3003")]
    [InlineData("command:/bin/sh", "PL3003")]
    public async Task Scripts_that_cannot_be_are_invalid(string text, string code)
    {
        var image = Scripted("kiosk");
        image = image with { Source = image.Source with { Text = text } };
        Write(image, "build.sh", "x");
        (await ResolveAsync(image))[0].Problem!.Diagnostics[0].Rule.Code.ShouldBe(code);
    }

    [Fact]
    public async Task A_pipe_in_the_folder_is_refused_and_not_read()
    {
        var image = Scripted("kiosk");
        Write(image, "build.sh", "x");
        Tool.Require("mkfifo", Path.Combine(image.DirectoryPath, "pipe"));
        (await ResolveAsync(image))[0].Problem!.Diagnostics[0].Rule.ShouldBe(ResolvingRules.FolderOddEntry);
    }

    [Fact]
    public void Names_that_select_nothing_are_told()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc")) with { InvalidImages = ["broken"] };
        new TargetSelection(["kiosk", "broken", "kiosc"], ["pc", "pi"]).Check(workspace).Select(d => d.Message).ShouldBe(
            ["there is no image 'kiosc'; expected one of broken, kiosk", "no selected image has a board 'pi'; expected one of pc"]);
        TargetSelection.All.Check(workspace).ShouldBeEmpty();
    }

    private void Change(ImageManifest image, string what)
    {
        string In(string name) => Path.Combine(image.DirectoryPath, name);
        switch (what)
        {
            case "a file's content": Write(image, "parts/list", "y"); break;
            case "a new file": Write(image, "parts/new", ""); break;
            case "an empty directory": Directory.CreateDirectory(In("empty")); break;
            case "the executable bit": Tool.Require("chmod", "u+x", In("build.sh")); break;
            case "a link's target": File.Delete(In("link")); File.CreateSymbolicLink(In("link"), "/other"); break;
            case "a name": File.Move(In("parts/list"), In("parts/List")); break;
            case "the group's permissions": Tool.Require("chmod", "g+w,o-r", In("build.sh")); break;
            case "the time": File.SetLastWriteTimeUtc(In("build.sh"), DateTime.UnixEpoch); break;
            case "an editor's swap file": Write(image, ".build.sh.swp", "x"); Write(image, "build.sh~", "x"); break;
            case "the manifest": Write(image, "image.yaml", "y"); break;
            default: throw new ArgumentException(what);
        }
    }

    private async Task<string> FingerprintAsync(ImageManifest image) =>
        (await ResolveAsync(image))[0].Inputs!.Deciding[InputNames.SourceManifest];

    private ImageManifest Scripted(string name)
    {
        var image = SampleImages.Image(name, "command:build.sh", "pc");
        var folder = Directory.CreateDirectory(_factory.Temp[$"images/{name}"]).FullName;
        return image with { DirectoryPath = folder, Source = image.Source with { BaseDirectoryPath = folder } };
    }

    private static void Write(ImageManifest image, string name, string content)
    {
        var path = Path.Combine(image.DirectoryPath, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, content);
    }

    private async Task<System.Collections.Immutable.ImmutableArray<Target>> ResolveAsync(params ImageManifest[] images) =>
        await _factory.Resolver().ResolveAsync(SampleImages.Workspace(images), TargetSelection.All, Ct);
}
