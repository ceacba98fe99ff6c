using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing;

public sealed class PublisherTests : IDisposable
{
    private readonly Factory _factory = new();
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _factory.Dispose();

    [Fact]
    public async Task The_changelog_names_the_commits_that_touched_the_image_and_its_board()
    {
        _factory.Sources.Push("base:1", "v1", "v1", version: "12.7");
        var repository = Directory.CreateDirectory(_factory.Temp["repository"]).FullName;
        Git(repository, "init", "-q", "-b", "main");
        Commit(repository, "images/kiosk/image.yaml", "Add the kiosk");
        _factory.Git = new(repository);
        var workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
        await _factory.Reconciler().RunOnceAsync(workspace, Ct);
        Commit(repository, "boards/pc.yaml", "Widen the root of the PC");
        Commit(repository, "images/other/image.yaml", "Change another image");
        _factory.Sources.Push("base:1", "v2", "v2", version: "12.8");
        _factory.ManifestInputs = (_, _) => new Dictionary<string, string> { ["board.partitions[1].size"] = "2GiB" };

        var outcome = await _factory.Reconciler().RunOnceAsync(workspace, Ct);

        var notes = await File.ReadAllTextAsync(Path.Combine(outcome.Images[0].Release!.Location, "CHANGELOG.md"), Ct);
        notes.ShouldContain("Widen the root of the PC");
        notes.ShouldNotContain("Change another image");
        notes.ShouldNotContain("Add the kiosk");
        notes.ShouldNotContain("not committed");
        notes.ShouldContain("| org.opencontainers.image.version | `12.7` | `12.8` |");
        notes.ShouldContain("| partition 2: size | (none) | `2GiB` |");
        outcome.Images[0].Steps[0].Target.Inputs!.Observed[InputNames.GitCommit].Length.ShouldBe(40);
    }

    [Fact]
    public async Task A_board_that_is_no_longer_wanted_is_left_out_of_the_next_release()
    {
        _factory.Sources.Push("base:1", "v1", "v1");
        await _factory.Reconciler().RunOnceAsync(SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc", "pi")), Ct);
        _factory.Sources.Push("base:1", "v2", "v2");
        var outcome = await _factory.Reconciler().RunOnceAsync(SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc")), Ct);
        var release = outcome.Images[0].Release!.Location;
        File.Exists(Path.Combine(release, "kiosk-pi.img")).ShouldBeFalse();
        (await File.ReadAllTextAsync(Path.Combine(release, "CHANGELOG.md"), Ct)).ShouldContain("`kiosk/pi/disk`: no longer part of this image");
    }

    [Theory]
    [InlineData("twice.img", "twice.img", "PL5001")]
    [InlineData("a b.img", "c.img", "PL5002")]
    [InlineData("SHA256SUMS", "c.img", "PL5002")]
    [InlineData("inputs.json", "c.img", "PL5002")]
    public async Task Names_that_cannot_stand_in_a_release_are_told_and_nothing_is_left(string first, string second, string code)
    {
        var image = SampleImages.Image("kiosk", "base:1", "pc", "pi");
        var steps = image.Boards.Select(b => Step(image, b.Value)).ToImmutableArray();
        var artifacts = steps.Zip([first, second]).Select(p => Artifact(p.First.Target, p.Second)).ToImmutableArray();
        var result = await new Publisher(_factory.Host(), null).PublishAsync(new(image, steps, artifacts, null), Ct);
        result.IsOk.ShouldBeFalse();
        result.Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe(code);
        Directory.GetDirectories(_factory.ShelfOf("kiosk")).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_file_that_is_not_as_long_as_its_artifact_says_is_not_released()
    {
        var image = SampleImages.Image("kiosk", "base:1", "pc");
        var step = Step(image, "pc");
        var artifact = Artifact(step.Target, "kiosk.img");
        await File.AppendAllTextAsync(artifact.Files[0].Path, "more", Ct);
        await Should.ThrowAsync<InvalidDataException>(
            () => new Publisher(_factory.Host(), null).PublishAsync(new(image, [step], [artifact], null), Ct));
        Directory.GetDirectories(_factory.ShelfOf("kiosk")).ShouldBeEmpty();
    }

    private static PlanStep Step(ImageManifest image, string board)
    {
        var inputs = new BuildInputs(
            ImmutableSortedDictionary<string, string>.Empty.Add("a", "1"), ImmutableSortedDictionary<string, string>.Empty);
        return new(
            new(image, SampleImages.Board(board, SampleImages.Amd64), image.Outputs[0], null, inputs, null),
            TargetState.Stale, [Reason.NeverPublished]);
    }

    private Artifact Artifact(Target target, string name)
    {
        var path = _factory.Temp[$"{target.Board.Name}-built"];
        File.WriteAllText(path, name);
        var bytes = File.ReadAllBytes(path);
        return new(target, [new(path, name, new(bytes.Length), Digest.Sha256(bytes))], []);
    }

    private static void Commit(string repository, string path, string message)
    {
        var file = Path.Combine(repository, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.AppendAllText(file, message);
        Git(repository, "add", "-A");
        Git(repository, "commit", "-q", "-m", message);
    }

    private static void Git(string repository, params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-c", "user.name=t", "-c", "user.email=t@example.invalid", .. arguments]) { WorkingDirectory = repository };
        var result = Tool.Run(start);
        result.ExitCode.ShouldBe(0, result.Output);
    }
}
