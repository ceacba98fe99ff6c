using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Remote;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Opening.Remotes;

/// <summary>Manifests in other repositories, which are real ones of git on this machine.</summary>
public sealed class RemoteManifestsTests : IDisposable
{
    private readonly TempDir _temp = new();
    private readonly ManualClock _clock = new(new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    private readonly GitFixture _upstream;
    private readonly string _root;
    private int _run;

    public RemoteManifestsTests()
    {
        _upstream = new(_temp["upstream"]);
        _upstream.Write("images/base/image.yaml", "description: Base\nsource: registry.example/base:1\nboards: [crate]\ncustomize:\n  hostname: base\n  files:\n    - path: /etc/motd\n      source: motd\n");
        _upstream.Write("images/base/motd", "hello from upstream").Write("boards/crate.yaml", ManifestRepository.BoxText);
        _upstream.Commit("First");
        _root = Directory.CreateDirectory(_temp["mine"]).FullName;
        Write("images/kiosk/image.yaml", $"extends: {Base}\ncustomize:\n  timezone: UTC\n");
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Remote => $"git+file://{_upstream.Directory}";

    private string Base => $"{Remote}//images/base?ref=main";

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task What_is_not_locked_is_said_with_the_command_to_run()
    {
        var read = await ReadAsync();
        var diagnostic = read.Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.ShouldBe(RemoteRules.NotLocked);
        diagnostic.Span!.ToString().ShouldBe("images/kiosk/image.yaml:1:10");
        diagnostic.Message.ShouldContain("'pipeline update'");
        read.Value!.InvalidImages.ShouldBe(["kiosk"]);
    }

    [Fact]
    public async Task A_locked_manifest_is_inherited_with_its_files_and_its_boards()
    {
        await UpdateAsync();
        var read = await ReadAsync();
        read.Diagnostics.ShouldBeEmpty();
        var kiosk = read.Value!.Images.Single();
        kiosk.Customization.Hostname.ShouldBe("base");
        kiosk.Customization.Timezone.ShouldBe("UTC");
        File.ReadAllText(kiosk.Customization.Files.Single().SourcePath!).ShouldBe("hello from upstream");
        kiosk.Files.ShouldBe(["images/kiosk/image.yaml", $"{Remote}?ref=main//images/base/image.yaml"]);
        kiosk.Folders.ShouldBe(["images/kiosk"]);
        read.Value.Boards["crate"].Span.File.ShouldBe($"{Remote}?ref=main//boards/crate.yaml");
        read.Value.Remotes.ShouldBe([$"{Remote}?ref=main"]);
    }

    [Fact]
    public async Task The_lock_pins_and_update_moves_it_and_says_what_moved()
    {
        var first = await UpdateAsync();
        var text = File.ReadAllText(Path.Combine(_root, "pipeline.lock"));
        first.Moves.Single().New!.Resolved.ShouldBe(_upstream.Run("rev-parse", "HEAD"));
        _upstream.Write("images/base/image.yaml", File.ReadAllText(_upstream["images/base/image.yaml"]).Replace("hostname: base", "hostname: moved", StringComparison.Ordinal)).Commit("Second");
        var pinned = (await ReadAsync()).Value!;
        pinned.Images.Single().Customization.Hostname.ShouldBe("base");
        var behind = (await LockUpdate.BehindAsync(Parts(), pinned, Ct)).ShouldHaveSingleItem();
        behind.Newest.ShouldBe(_upstream.Run("rev-parse", "HEAD"));

        var second = await UpdateAsync();
        second.Moves.Single().IsMove.ShouldBeTrue();
        second.Workspace.Images.Single().Customization.Hostname.ShouldBe("moved");
        (await ReadAsync()).Value!.Images.Single().Customization.Hostname.ShouldBe("moved");
        (await LockUpdate.BehindAsync(Parts(), (await ReadAsync()).Value!, Ct)).ShouldBeEmpty();
        (await UpdateAsync()).Moves.Single().IsMove.ShouldBeFalse();

        _upstream.Run("reset", "-q", "--hard", "HEAD~1");
        await UpdateAsync();
        File.ReadAllText(Path.Combine(_root, "pipeline.lock")).ShouldBe(text, "the same state is the same bytes");
    }

    [Fact]
    public async Task Only_what_is_asked_for_moves_and_what_nobody_names_goes()
    {
        var other = new GitFixture(_temp["other"]);
        other.Write("images/x/image.yaml", "description: X\nsource: registry.example/x:1\nboards: [uefi-x86_64]\n").Commit("First");
        Write("images/desk/image.yaml", $"extends: git+file://{other.Directory}//images/x\n");
        await UpdateAsync();
        _upstream.Write("new", "x").Commit("Second");
        other.Write("new", "x").Commit("Second");
        var moved = await UpdateAsync(name => name.Contains("/other", StringComparison.Ordinal));
        moved.Moves.Where(m => m.IsMove).Select(m => m.Name).ShouldBe([$"git+file://{other.Directory}"]);
        File.Delete(Path.Combine(_root, "images/desk/image.yaml"));
        Directory.Delete(Path.Combine(_root, "images/desk"));
        (await UpdateAsync(_ => false)).Moves.Single(m => m.New is null).Name.ShouldBe($"git+file://{other.Directory}");
        File.ReadAllText(Path.Combine(_root, "pipeline.lock")).ShouldNotContain("/other");
    }

    [Fact]
    public async Task The_cache_is_enough_and_without_it_and_the_network_it_is_said()
    {
        await UpdateAsync();
        Directory.Move(_upstream.Directory, _temp["away"]);
        (await ReadAsync()).Diagnostics.ShouldBeEmpty();
        Directory.Delete(_temp["cache/remotes"], recursive: true);
        var gone = await ReadAsync();
        gone.Diagnostics.Single().Rule.ShouldBe(RemoteRules.NotFetched);
        Directory.Move(_temp["away"], _upstream.Directory);
        (await ReadAsync(offline: true)).Diagnostics.Single().Message.ShouldContain("--offline");
        (await ReadAsync()).Diagnostics.ShouldBeEmpty("a pinned commit is fetched by its name");
    }

    [Fact]
    public async Task A_pinned_commit_is_fetched_although_the_branch_moved_on_or_was_rewritten()
    {
        await UpdateAsync();
        Directory.Delete(_temp["cache/remotes"], recursive: true);
        _upstream.Write("more", "x").Commit("Second");
        (await ReadAsync()).Value!.Images.Length.ShouldBe(1);
    }

    [Fact]
    public async Task Other_files_than_were_pinned_are_refused_wherever_they_come_from()
    {
        await UpdateAsync();
        var path = Path.Combine(_root, "pipeline.lock");
        var tree = Directory.EnumerateDirectories(_temp["cache/remotes"]).Single();
        File.AppendAllText(Path.Combine(tree, "images/base/motd"), "tampered");
        (await ReadAsync()).Diagnostics.ShouldBeEmpty("a damaged cache is fetched again");
        File.ReadAllText(Path.Combine(tree, "images/base/motd")).ShouldBe("hello from upstream");
        var digest = Path.GetFileName(tree);
        File.WriteAllText(path, File.ReadAllText(path).Replace(digest, new string('0', 64), StringComparison.Ordinal));
        (await ReadAsync()).Diagnostics.Single().Rule.ShouldBe(OpeningRules.ContentChanged);
    }

    /// <summary>Written by a later version, by hand, by a merge, or by somebody who wants git to take an option.</summary>
    [Theory]
    [InlineData("", "line 1 ")]
    [InlineData("<<<<<<< HEAD", "line 1 ")]
    [InlineData("""{"version":2,"remotes":[]}""", "version 2")]
    [InlineData("""{"version":1,"remotes":null}""", "line 1 ")]
    [InlineData("""{"version":1,"remotes":[null]}""", "an entry is null")]
    [InlineData("""{"version":1,"remotes":[{"name":"x","resolved":"--upload-pack=id","content":"CONTENT"}]}""", "neither a commit nor a digest")]
    [InlineData("""{"version":1,"remotes":[{"name":"x","resolved":"","content":"CONTENT"}]}""", "neither a commit nor a digest")]
    [InlineData("""{"version":1,"remotes":[{"name":"x","resolved":"4be2f1a","content":"CONTENT"}]}""", "neither a commit nor a digest")]
    [InlineData("""{"version":1,"remotes":[{"name":"x","resolved":"COMMIT","content":"no"}]}""", "the content of 'x' is no digest")]
    [InlineData("""{"version":1,"remotes":[{"name":"x","resolved":"COMMIT","content":"CONTENT"},{"name":"x","resolved":"CONTENT","content":"CONTENT"}]}""", "'x' is pinned twice")]
    public async Task A_lock_file_that_is_not_one_is_said_in_words(string text, string why)
    {
        var filled = text.Replace("COMMIT", new('a', 40), StringComparison.Ordinal).Replace("CONTENT", $"sha256:{new string('b', 64)}", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_root, "pipeline.lock"), filled);
        var diagnostic = (await ReadAsync()).Diagnostics.ShouldHaveSingleItem();
        diagnostic.Rule.ShouldBe(OpeningRules.LockUnreadable);
        diagnostic.Message.ShouldContain(why);
    }

    [Fact]
    public void A_lock_file_that_cannot_be_written_leaves_nothing_behind()
    {
        Directory.CreateDirectory(Path.Combine(_root, "pipeline.lock/taken"));
        Should.Throw<IOException>(() => LockFile.Write(_root, [new("x", new('a', 40), Core.Units.Digest.Sha256([]))]));
        Directory.EnumerateFiles(_root).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("source: command:build.sh", "", "trust: true")]
    [InlineData("source: command:build.sh\ntrust: true", "", "trust: true")]
    [InlineData("source: tar:/etc/shadow", "trust: true\n", "files of this machine")]
    [InlineData("source: oci:../../../mine/layout", "trust: true\n", "files of this machine")]
    [InlineData("source: linuxkit:kit.yml", "trust: true\n", "any file of this machine")]
    [InlineData("source: containers-storage:localhost/x", "trust: true\n", "own images")]
    public async Task What_a_manifest_from_elsewhere_may_not_take_its_files_from(string upstream, string mine, string why)
    {
        _upstream.Write("images/evil/image.yaml", $"description: Evil\n{upstream}\nboards: [crate]\n").Write("images/evil/build.sh", "#!/bin/sh\n", isProgram: true).Commit("Evil");
        Write("images/kiosk/image.yaml", $"extends: {Remote}//images/evil\n{mine}");
        var update = await new LockUpdate(Parts(), _ => true).RunAsync(_root, Ct);
        LockFile.Write(_root, update.Value!.Moves.Select(m => m.New!));
        var read = await ReadAsync();
        var refused = read.Diagnostics.Where(d => d.Rule == RemoteRules.SourceRefused).ShouldHaveSingleItem();
        read.Value!.InvalidImages.ShouldBe(["kiosk"]);
        refused.Message.ShouldContain(why);
    }

    [Fact]
    public async Task A_script_from_elsewhere_runs_where_this_repository_says_so()
    {
        _upstream.Write("images/made/image.yaml", "description: Made\nsource: command:build.sh\nboards: [crate]\n").Write("images/made/build.sh", "#!/bin/sh\n", isProgram: true).Commit("A script");
        Write("images/kiosk/image.yaml", $"extends: {Remote}//images/made\ntrust: true\n");
        await UpdateAsync();
        var read = await ReadAsync();
        read.Diagnostics.ShouldBeEmpty();
        File.Exists(Path.Combine(read.Value!.Images.Single().Source.BaseDirectoryPath, "build.sh")).ShouldBeTrue();
    }

    [Theory]
    [InlineData("customize:\n  files:\n    - {path: /x, source: ../../../mine/secret}\n", "PL1036")]
    [InlineData("customize:\n  files:\n    - {path: /x, source: /etc/passwd}\n", "PL1036")]
    [InlineData("customize:\n  files:\n    - {path: /x, source: link}\n", "PL1036")]
    [InlineData("layout: ../../../mine/secret\n", "PL1036")]
    [InlineData("extends: ../../../mine/images/secret/image.yaml\n", "PL3408")]
    [InlineData("extends: nowhere\n", "PL3404")]
    [InlineData("extends: ../../link.yaml\n", "PL1001")]
    public async Task It_names_only_files_of_its_own_tree(string yaml, string code)
    {
        Write("secret", "secret");
        Write("images/secret/image.yaml", "abstract: true\ndescription: Mine\n");
        File.CreateSymbolicLink(Directory.CreateDirectory(_upstream["images/evil"]).FullName + "/link", Path.Combine(_root, "secret"));
        File.CreateSymbolicLink(_upstream["link.yaml"], Path.Combine(_root, "images/secret/image.yaml"));
        _upstream.Write("images/evil/image.yaml", $"description: Evil\nsource: registry.example/x:1\nboards: [crate]\n{yaml}").Commit("Evil");
        Write("images/kiosk/image.yaml", $"extends: {Remote}//images/evil\n");
        var update = await new LockUpdate(Parts(), _ => true).RunAsync(_root, Ct);
        LockFile.Write(_root, update.Value!.Moves.Select(m => m.New!));
        var read = await ReadAsync();
        read.Diagnostics.Select(d => d.Rule.Code).ShouldContain(code);
        read.Value!.InvalidImages.ShouldBe(["kiosk"]);
    }

    [Fact]
    public async Task A_manifest_from_elsewhere_may_extend_one_from_elsewhere_and_both_are_pinned()
    {
        var third = new GitFixture(_temp["third"]);
        third.Write("images/root/image.yaml", "description: Root\nsource: registry.example/root:1\nboards: [uefi-x86_64]\n").Commit("First");
        _upstream.Write("images/middle/image.yaml", $"extends: git+file://{third.Directory}//images/root\n").Commit("Middle");
        Write("images/kiosk/image.yaml", $"extends: {Remote}//images/middle\n");
        var update = await UpdateAsync();
        update.Moves.Length.ShouldBe(2);
        (await ReadAsync()).Value!.Images.Single().Source.Text.ShouldBe("registry.example/root:1");
    }

    [Fact]
    public void A_safe_way_does_not_lead_to_an_unsafe_one()
    {
        RemoteReference.TryParse("git+file:///srv/x//images/x", out var file, out _).ShouldBeTrue();
        RemoteReference.TryParse("git+https://git.example/a/b//images/x", out var https, out _).ShouldBeTrue();
        RemoteReference.MayLead(new("git+https://git.example/a/b", "/x"), file!).ShouldBeFalse();
        RemoteReference.MayLead(new("oci://git.example/a/b", "/x"), file!).ShouldBeFalse();
        RemoteReference.MayLead(new("git+https://git.example/a/b", "/x"), https!).ShouldBeTrue();
        RemoteReference.MayLead(new("git+file:///srv/x", "/x"), file!).ShouldBeTrue();
    }

    [Fact]
    public async Task A_board_of_this_repository_goes_before_and_clashes_are_said()
    {
        await UpdateAsync();
        Write("boards/crate.yaml", ManifestRepository.BoxText.Replace("A box", "My crate", StringComparison.Ordinal));
        (await ReadAsync()).Value!.Boards["crate"].Description.ShouldBe("My crate");
        File.Delete(Path.Combine(_root, "boards/crate.yaml"));

        var other = new GitFixture(_temp["other"]);
        other.Write("images/x/image.yaml", "description: X\nsource: registry.example/x:1\nboards: [crate]\n").Write("boards/crate.yaml", ManifestRepository.BoxText + "# other\n").Commit("First");
        Write("images/desk/image.yaml", $"extends: git+file://{other.Directory}//images/x\n");
        await UpdateAsync();
        var clash = await ReadAsync();
        clash.Diagnostics.ShouldContain(d => d.Rule == RemoteRules.BoardClash);
        clash.Value!.InvalidImages.ShouldBe(["desk", "kiosk"]);
    }

    [Fact]
    public async Task A_board_from_elsewhere_does_not_take_the_place_of_a_shipped_one_that_is_meant_here()
    {
        _upstream.Write("boards/uefi-arm64.yaml", ManifestRepository.BoxText).Write("images/base/image.yaml", "description: Base\nsource: registry.example/base:1\nboards: [uefi-arm64]\n").Commit("A board");
        Write("images/plain/image.yaml", "description: Plain\nsource: registry.example/plain:1\nboards: [uefi-arm64]\n");
        await UpdateAsync();
        var read = await ReadAsync();
        var clash = read.Diagnostics.First(d => d.Rule == RemoteRules.BoardClash);
        clash.Span!.File.ShouldBe("images/plain/image.yaml");
        Directory.Delete(Path.Combine(_root, "images/plain"), recursive: true);
        (await ReadAsync()).Value!.Boards["uefi-arm64"].Description.ShouldBe("A box");
    }

    [Fact]
    public async Task Mistakes_elsewhere_have_places_there()
    {
        _upstream.Write("images/base/image.yaml", "description: Base\nsource: registry.example/base:1\nboards: [crate]\ncustomize:\n  hostnmae: base\n").Commit("A mistake");
        var update = await new LockUpdate(Parts(), _ => true).RunAsync(_root, Ct);
        LockFile.Write(_root, update.Value!.Moves.Select(m => m.New!));
        (await ReadAsync()).Diagnostics.First().Span!.ToString().ShouldBe($"{Remote}?ref=main//images/base/image.yaml:5:3");
    }

    [Fact]
    public async Task A_branch_that_is_not_there_and_a_submodule_are_told()
    {
        Write("images/kiosk/image.yaml", $"extends: {Remote}//images/base?ref=nowhere\n");
        var update = await new LockUpdate(Parts(), _ => true).RunAsync(_root, Ct);
        update.Diagnostics.Single().Rule.ShouldBe(OpeningRules.NameNotFound);
        update.Diagnostics.Single().Message.ShouldContain("no branch or tag 'nowhere'");
    }

    private OpenerParts Parts() => new()
    {
        Scratch = () => Directory.CreateDirectory(_temp[$"scratch{_run++}"]).FullName,
        Cache = new(_temp["cache"], _clock),
        Registries = _ => throw new InvalidOperationException("nothing is in a registry"),
    };

    private async Task<Result<Workspace>> ReadAsync(bool offline = false) =>
        await new RepositoryOpener(Parts()).ReadAsync(new(_root, null) { Offline = offline }, Ct);

    private async Task<LockUpdateResult> UpdateAsync(Func<string, bool>? isWanted = null)
    {
        var update = await new LockUpdate(Parts(), isWanted ?? (_ => true)).RunAsync(_root, Ct);
        update.Diagnostics.ShouldBeEmpty();
        LockFile.Write(_root, update.Value!.Moves.Select(m => m.New).OfType<LockEntry>());
        return update.Value;
    }

    private void Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.Combine(_root, file))!);
        File.WriteAllText(Path.Combine(_root, file), text);
    }
}
