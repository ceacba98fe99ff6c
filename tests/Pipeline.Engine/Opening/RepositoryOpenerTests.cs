using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Opening;

public sealed class RepositoryOpenerTests : IDisposable
{
    private readonly TempDir _temp = new();
    private readonly ManifestRepository _manifests = new();
    private readonly GitFixture _git;

    public RepositoryOpenerTests() => _git = new(_manifests.RootPath);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _temp.Dispose();
        _manifests.Dispose();
    }

    [Fact]
    public async Task A_workspace_is_read_as_it_was_and_not_as_it_lies_there()
    {
        var commit = _git.Commit("First");
        _manifests.Edit(ManifestRepository.Kiosk, "hostname: kiosk", "hostname: later");
        File.Delete(Path.Combine(_manifests.RootPath, ManifestRepository.Box));
        var read = await Opener(_temp.Path).ReadAsync(new(_manifests.RootPath, "main"), Ct);
        read.Diagnostics.ShouldBeEmpty();
        read.Value!.Images.Single().Customization.Hostname.ShouldBe("kiosk");
        read.Value.Commit.ShouldBe(commit);
        read.Value.HomePath.ShouldBe(_manifests.RootPath);
        read.Value.RootPath.ShouldStartWith(_temp.Path);
        read.Value.Boards.ShouldContainKey("box");
    }

    [Fact]
    public async Task Mistakes_of_a_commit_have_places_in_the_repository()
    {
        _manifests.Edit(ManifestRepository.Kiosk, "hostname: kiosk", "hostnmae: kiosk");
        _git.Commit("A mistake");
        _manifests.Edit(ManifestRepository.Kiosk, "hostnmae: kiosk", "hostname: kiosk");
        var read = await Opener(_temp.Path).ReadAsync(new(_manifests.RootPath, "HEAD"), Ct);
        read.Diagnostics.Single().Span!.ToString().ShouldBe("images/kiosk/image.yaml:6:3");
        read.Value!.InvalidImages.ShouldBe(["kiosk"]);
    }

    [Fact]
    public async Task Without_a_commit_the_work_tree_is_read_and_nothing_is_written()
    {
        var read = await Opener(_temp.Path).ReadAsync(new(_manifests.RootPath, null), Ct);
        read.Value!.Commit.ShouldBeNull();
        read.Value.HomePath.ShouldBe(_manifests.RootPath);
        Directory.GetFileSystemEntries(_temp.Path).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("images/kiosk/image.yaml")]
    [InlineData("boards/box.yaml")]
    [InlineData("pipeline.yaml")]
    public async Task A_manifest_that_is_a_link_out_of_the_commit_is_not_followed(string file)
    {
        var path = Path.Combine(_manifests.RootPath, file);
        var outside = _temp["outside.yaml"];
        File.Move(path, outside);
        File.CreateSymbolicLink(path, outside);
        _git.Commit("A link");
        Directory.CreateDirectory(_temp["scratch"]);
        var read = await Opener(_temp["scratch"]).ReadAsync(new(_manifests.RootPath, "HEAD"), Ct);
        read.Diagnostics.ShouldContain(d => d.Rule == ManifestRules.Unreadable && d.Span!.File == file && d.Message.Contains("leads out"));
    }

    [Fact]
    public async Task A_link_within_the_commit_is_followed()
    {
        var path = Path.Combine(_manifests.RootPath, ManifestRepository.Kiosk);
        File.Move(path, Path.Combine(_manifests.RootPath, "kiosk.yaml"));
        File.CreateSymbolicLink(path, "../../kiosk.yaml");
        _git.Commit("A link");
        var read = await Opener(_temp.Path).ReadAsync(new(_manifests.RootPath, "HEAD"), Ct);
        read.Diagnostics.ShouldBeEmpty();
        read.Value!.Images.Length.ShouldBe(1);
    }

    [Fact]
    public async Task A_commit_that_is_not_there_is_said()
    {
        _git.Commit("First");
        var read = await Opener(_temp.Path).ReadAsync(new(_manifests.RootPath, "v9"), Ct);
        read.Value.ShouldBeNull();
        read.Diagnostics.Single().Rule.ShouldBe(GitRules.NoCommit);
    }

    [Fact]
    public async Task A_branch_of_a_remote_is_fetched_before_each_reading_and_stays_when_the_remote_is_gone()
    {
        _git.Commit("First");
        var clone = Clone();
        var request = new RepositoryRequest(clone.Directory, "origin/main") { Fetch = true };
        var opener = Opener(_temp["scratch"]);
        (await opener.ReadAsync(request, Ct)).Value!.Images.Single().Customization.Hostname.ShouldBe("kiosk");
        _manifests.Edit(ManifestRepository.Kiosk, "hostname: kiosk", "hostname: later");
        var moved = _git.Commit("Second");
        (await opener.ReadAsync(request with { Fetch = false }, Ct)).Value!.Commit.ShouldNotBe(moved, "nobody fetched");
        (await opener.ReadAsync(request with { Offline = true }, Ct)).Value!.Commit.ShouldNotBe(moved, "nobody may fetch");

        var read = await opener.ReadAsync(request, Ct);

        read.Diagnostics.ShouldBeEmpty();
        (read.Value!.Commit, read.Value.Images.Single().Customization.Hostname).ShouldBe((moved, "later"));
        File.ReadAllText(clone[ManifestRepository.Kiosk]).ShouldContain("hostname: kiosk", customMessage: "the work tree is its owner's");
        clone.Run("remote", "set-url", "origin", _temp["gone"]);
        var without = await opener.ReadAsync(request, Ct);
        without.Diagnostics.Single().Rule.ShouldBe(GitRules.NotFetched);
        without.Diagnostics.Single().Message.ShouldContain("'origin/main' is now could not be fetched");
        without.Value!.Commit.ShouldBe(moved);
    }

    [Theory]
    [InlineData("origin/release", true)]
    [InlineData("refs/remotes/origin/release", true)]
    [InlineData("origin/HEAD", false)]
    [InlineData("origin/main~1", false)]
    public async Task A_branch_that_its_remote_no_longer_has_is_said(string name, bool isGone)
    {
        _git.Commit("First");
        var last = _git.Commit("Second");
        _git.Run("branch", "release");
        var clone = Clone();
        var opener = Opener(_temp["scratch"]);
        (await opener.ReadAsync(new(clone.Directory, name) { Fetch = true }, Ct)).Diagnostics.ShouldBeEmpty();
        _git.Run("branch", "-D", "release");

        var read = await opener.ReadAsync(new(clone.Directory, name) { Fetch = true }, Ct);

        read.Diagnostics.Select(d => d.Rule).ShouldBe(isGone ? [GitRules.NotFetched] : []);
        if (isGone)
            (read.Diagnostics[0].Message.Contains("'origin' no longer has the branch 'release'", StringComparison.Ordinal), read.Value!.Commit).ShouldBe((true, last));
    }

    [Theory]
    [InlineData("main")]
    [InlineData("origins/main")]
    [InlineData("HEAD")]
    public async Task What_is_no_branch_of_a_remote_is_not_fetched(string name)
    {
        _git.Commit("First");
        var read = await Opener(_temp["scratch"]).ReadAsync(new(Clone().Directory, name) { Fetch = true }, Ct);
        read.Value.ShouldBeNull();
        read.Diagnostics.Single().Rule.ShouldBe(GitRules.NoRemoteBranch);
        read.Diagnostics.Single().Message.ShouldEndWith("(remotes here: origin)");
    }

    private GitFixture Clone()
    {
        Directory.CreateDirectory(_temp["scratch"]);
        _git.Run("clone", "-q", ".", _temp["clone"]);
        return new(_temp["clone"]);
    }

    private static RepositoryOpener Opener(string scratch) => new(new()
    {
        Scratch = () => scratch,
        Cache = new(scratch, TimeProvider.System),
        Registries = _ => throw new InvalidOperationException("nothing is in a registry"),
    });
}
