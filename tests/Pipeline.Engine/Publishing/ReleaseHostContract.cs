using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Engine.Reconciling;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing;

/// <summary>What every place for releases promises, whatever it is made of.</summary>
public abstract class ReleaseHostContract : IDisposable
{
    private const string Image = "kiosk";
    private readonly Factory _factory = new();

    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected Factory Factory => _factory;

    /// <summary>As a new process would open the store.</summary>
    protected abstract IReleaseHost Open();

    /// <summary>As a reader sees them, newest first.</summary>
    protected abstract Task<ImmutableArray<string>> VersionsAsync(string image);

    /// <summary>As a reader downloads them, by name.</summary>
    protected abstract Task<SortedDictionary<string, byte[]>> FilesAsync(string image, string version);

    /// <summary>Takes a file of a release away, as bad luck does.</summary>
    protected abstract Task LoseAsync(string image, string version, string file);

    public virtual void Dispose()
    {
        _factory.Dispose();
        GC.SuppressFinalize(this);
    }

    [Fact]
    public async Task An_empty_store_has_no_releases()
    {
        var host = Open();
        (await host.ObserveAsync([Image], Ct)).ShouldBeEmpty();
        await host.RecoverAsync([Image], Ct);
        (await host.PruneAsync(Image, 1, Ct)).ShouldBeEmpty();
        (await VersionsAsync(Image)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_release_holds_what_was_added_and_is_found_by_others()
    {
        var release = await ReleaseAsync(Open(), ("kiosk-pc.img", "one"), ("kiosk-pi.img", "two"));
        release.ShouldBe(release with { Image = Image, Version = "20261121.0" });
        release.Location.ShouldNotBeEmpty();
        var files = await FilesAsync(Image, "20261121.0");
        files.Keys.ShouldBe(["CHANGELOG.md", "SHA256SUMS", "inputs.json", "kiosk-pc.img", "kiosk-pi.img"], ignoreOrder: true);
        Encoding.UTF8.GetString(files["kiosk-pi.img"]).ShouldBe("two");
        var found = (await Open().ObserveAsync([Image, "other"], Ct)).ShouldHaveSingleItem().Value;
        found.Release.ShouldBe(release);
        found.Diagnostics.ShouldBeEmpty();
        found.Record!.Targets.Values.Select(t => t.Files[0].Sha256).ShouldBe([Digest.Sha256("one"u8), Digest.Sha256("two"u8)]);
        found.Record.Targets.Values.ShouldAllBe(t => t.Lost.IsEmpty);
        found.Record.Targets.Values.Select(t => t.Files[0].Unpacked!.Sha256).ShouldBe([Digest.Sha256("unpacked one"u8), Digest.Sha256("unpacked two"u8)]);
    }

    [Fact]
    public async Task Small_documents_of_the_release_before_can_be_read_and_nothing_else_is_taken_for_them()
    {
        var list = "{}"u8.ToArray();
        var promised = new ReleaseFile("kiosk-amd64.packages.json", new(list.Length), Digest.Sha256(list));
        await using (var draft = await Open().OpenAsync(Image, Ct))
        {
            (await draft.ReadPreviousAsync(promised, 100, Ct)).ShouldBeNull("there is no release before");
            await FillAsync(draft, [("kiosk-pc.img", "one")], []);
            await draft.WriteAsync(promised.Name, list, Ct);
            await draft.PublishAsync(Ct);
        }
        await using var next = await Open().OpenAsync(Image, Ct);
        (await next.ReadPreviousAsync(promised, 100, Ct)).ShouldBe(list);
        (await next.ReadPreviousAsync(promised, 1, Ct)).ShouldBeNull("longer than wanted");
        (await next.ReadPreviousAsync(promised with { Sha256 = Digest.Sha256("other"u8) }, 100, Ct)).ShouldBeNull("not what was promised");
        (await next.ReadPreviousAsync(new("other.json", new(2), Digest.Sha256("nowhere"u8)), 100, Ct)).ShouldBeNull("not there");
    }

    [Fact]
    public async Task The_next_release_carries_over_what_did_not_change()
    {
        await ReleaseAsync(Open(), ("kiosk-pc.img", "one"), ("kiosk-pi.img", "two"));
        var host = Open();
        await using (var draft = await host.OpenAsync(Image, Ct))
        {
            draft.Version.ShouldBe("20261121.1");
            draft.Previous!.Version.ShouldBe("20261121.0");
            var old = draft.Previous.Record!.Files.Single(f => f.Name == "kiosk-pi.img");
            await draft.CarryAsync(old, Ct);
            await FillAsync(draft, [("kiosk-pc.img", "new")], [old]);
            await draft.PublishAsync(Ct);
        }
        (await VersionsAsync(Image)).ShouldBe(["20261121.1", "20261121.0"]);
        var files = await FilesAsync(Image, "20261121.1");
        Encoding.UTF8.GetString(files["kiosk-pi.img"]).ShouldBe("two");
        Encoding.UTF8.GetString(files["kiosk-pc.img"]).ShouldBe("new");
        Encoding.UTF8.GetString((await FilesAsync(Image, "20261121.0"))["kiosk-pc.img"]).ShouldBe("one");
        (await Open().ObserveAsync([Image], Ct))[Image].Version.ShouldBe("20261121.1");
        var reader = (IReleaseReader)Open();
        (await reader.ListAsync(Image, Ct)).Select(v => v.ToString()).ShouldBe(["20261121.1", "20261121.0"]);
        (await reader.ListAsync("other", Ct)).ShouldBeEmpty();
        var found = (await reader.FindAsync(Image, "20261121.1", Ct))!;
        (found.AddressOf("kiosk-pc.img")?.AbsolutePath ?? "/kiosk-pc.img").ShouldEndWith("/kiosk-pc.img");
        found.AddressOf("nothing.img").ShouldBeNull();
    }

    [Fact]
    public async Task Versions_go_by_day_and_serial_and_never_back()
    {
        await ReleaseAsync(Open(), ("kiosk-pc.img", "1"));
        _factory.Clock.Now = _factory.Clock.Now.AddDays(1);
        (await ReleaseAsync(Open(), ("kiosk-pc.img", "2"))).Version.ShouldBe("20261122.0");
        _factory.Clock.Now = _factory.Clock.Now.AddDays(-10);
        (await ReleaseAsync(Open(), ("kiosk-pc.img", "3"))).Version.ShouldBe("20261122.1");
    }

    [Fact]
    public async Task A_draft_that_is_given_up_is_never_seen_and_its_files_are_not_in_the_next_release()
    {
        await ReleaseAsync(Open(), ("kiosk-pc.img", "one"));
        var host = Open();
        await using (var draft = await host.OpenAsync(Image, Ct))
            await FillAsync(draft, [("kiosk-pc.img", "two"), ("kiosk-odd.img", "odd")], []);
        (await VersionsAsync(Image)).ShouldBe(["20261121.0"]);
        (await host.ObserveAsync([Image], Ct))[Image].Version.ShouldBe("20261121.0");
        await host.RecoverAsync([Image], Ct);
        (await ReleaseAsync(host, ("kiosk-pc.img", "three"))).Version.ShouldBe("20261121.1");
        (await FilesAsync(Image, "20261121.1")).Keys.ShouldNotContain("kiosk-odd.img");
    }

    [Fact]
    public async Task Old_releases_go_when_asked_and_the_newest_stays()
    {
        for (var i = 0; i < 4; i++)
            await ReleaseAsync(Open(), ("kiosk-pc.img", $"{i}"));
        (await Open().PruneAsync(Image, 2, Ct)).ShouldBe(["20261121.1", "20261121.0"]);
        (await VersionsAsync(Image)).ShouldBe(["20261121.3", "20261121.2"]);
        (await Open().PruneAsync(Image, 2, Ct)).ShouldBeEmpty();
        await Should.ThrowAsync<ArgumentOutOfRangeException>(() => Open().PruneAsync(Image, 0, Ct));
        (await ReleaseAsync(Open(), ("kiosk-pc.img", "next"))).Version.ShouldBe("20261121.4");
    }

    [Fact]
    public async Task A_second_draft_of_an_image_waits_for_the_first_and_another_image_does_not()
    {
        var host = Open();
        var first = await host.OpenAsync(Image, Ct);
        var second = host.OpenAsync(Image, Ct);
        await using (await host.OpenAsync("other", Ct))
            second.IsCompleted.ShouldBeFalse();
        await first.DisposeAsync();
        await using var draft = await second;
        draft.Version.ShouldBe("20261121.0");
    }

    [Fact]
    public async Task Images_whose_names_begin_alike_do_not_meet()
    {
        await ReleaseAsync(Open(), ("kiosk-pc.img", "one"));
        await ReleaseAsync(Open(), "kiosk-two", ("a.img", "other"));
        (await Open().ObserveAsync([Image, "kiosk-two"], Ct)).Values.Select(r => $"{r.Release.Image} {r.Version} {r.Record!.Files.First().Name}")
            .ShouldBe(["kiosk 20261121.0 kiosk-pc.img", "kiosk-two 20261121.0 a.img"]);
        await Open().PruneAsync(Image, 1, Ct);
        (await VersionsAsync("kiosk-two")).ShouldBe(["20261121.0"]);
    }

    [Fact]
    public async Task A_file_that_is_gone_is_told()
    {
        await ReleaseAsync(Open(), ("kiosk-pc.img", "one"), ("kiosk-pi.img", "two"));
        await LoseAsync(Image, "20261121.0", "kiosk-pi.img");
        var record = (await Open().ObserveAsync([Image], Ct))[Image].Record!;
        record.Targets.Values.SelectMany(t => t.Lost).ShouldBe(["kiosk-pi.img"]);
    }

    [Fact]
    public async Task Names_that_a_store_might_change_are_refused()
    {
        await using var draft = await Open().OpenAsync(Image, Ct);
        await Should.ThrowAsync<ArgumentException>(() => draft.WriteAsync("../escape", default, Ct));
    }

    [Fact]
    public async Task A_cancelled_publication_shows_nothing()
    {
        using var cancel = new CancellationTokenSource();
        var host = Open();
        await using (var draft = await host.OpenAsync(Image, Ct))
        {
            await FillAsync(draft, [("kiosk-pc.img", "one")], []);
            await cancel.CancelAsync();
            await Should.ThrowAsync<OperationCanceledException>(() => draft.PublishAsync(cancel.Token));
        }
        (await VersionsAsync(Image)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_factory_publishes_once_and_then_finds_all_current()
    {
        var workspace = SampleImages.Workspace(SampleImages.Image(Image, "base:1", "pc", "pi"));
        _factory.Sources.Push("base:1", "amd64 v1", "arm64 v1");
        (await RoundAsync(workspace)).Result.ShouldBe(ImageResult.Released);
        (await RoundAsync(workspace)).Result.ShouldBe(ImageResult.Current);
        _factory.Sources.Push("base:1", "amd64 v1", "arm64 v2");
        var second = await RoundAsync(workspace);
        second.Result.ShouldBe(ImageResult.Released, string.Join('\n', second.Diagnostics));
        (await RoundAsync(workspace)).Result.ShouldBe(ImageResult.Current);
        (await VersionsAsync(Image)).ShouldBe(["20261121.1", "20261121.0"]);
        var files = await FilesAsync(Image, "20261121.1");
        foreach (var line in Encoding.UTF8.GetString(files["SHA256SUMS"]).Split('\n', StringSplitOptions.RemoveEmptyEntries))
            Digest.Sha256(files[line[66..]]).Hex.ShouldBe(line[..64]);
    }

    [Fact]
    public async Task Two_reconcilers_at_once_end_with_one_release()
    {
        var arrived = new SemaphoreSlim(0);
        _factory.Sources.Push("base:1", "amd64 v1", "arm64 v1");
        _factory.Builder.Meanwhile = async token =>
        {
            // Both have planned before either publishes.
            arrived.Release();
            while (arrived.CurrentCount < 2)
                await Task.Delay(5, token);
        };
        var workspace = SampleImages.Workspace(SampleImages.Image(Image, "base:1", "pc"));
        var both = await Task.WhenAll(RoundAsync(workspace, "a"), RoundAsync(workspace, "b"));
        both.ShouldContain(o => o.Result == ImageResult.Released, string.Join('\n', both.SelectMany(o => o.Diagnostics)));
        both.ShouldAllBe(o => o.Result == ImageResult.Released || o.Result == ImageResult.ReleasedElsewhere);
        both.Select(o => o.Release!.Version).ShouldAllBe(v => v == "20261121.0");
        (await VersionsAsync(Image)).ShouldBe(["20261121.0"]);
        (await FilesAsync(Image, "20261121.0")).Count.ShouldBe(5);
    }

    protected Task<Release> ReleaseAsync(IReleaseHost host, params (string Name, string Content)[] files) => ReleaseAsync(host, Image, files);

    protected async Task<Release> ReleaseAsync(IReleaseHost host, string image, params (string Name, string Content)[] files)
    {
        await using var draft = await host.OpenAsync(image, Ct);
        await FillAsync(draft, files, [], image);
        return await draft.PublishAsync(Ct);
    }

    /// <summary>Adds files and documents as the publisher does.</summary>
    protected async Task FillAsync(IReleaseDraft draft, (string Name, string Content)[] files, ReleaseFile[] carried, string image = Image, string notes = "# Notes\n")
    {
        var all = new List<ReleaseFile>(carried);
        foreach (var (name, content) in files)
        {
            var path = _factory.Temp[$"{Guid.NewGuid():n}"];
            await File.WriteAllTextAsync(path, content, Ct);
            var file = new ReleaseFile(name, new(Encoding.UTF8.GetByteCount(content)), Digest.Sha256(Encoding.UTF8.GetBytes(content)))
            {
                Unpacked = new(new(content.Length * 9L), Digest.Sha256(Encoding.UTF8.GetBytes("unpacked " + content))),
            };
            await draft.AddAsync(file, path, Ct);
            all.Add(file);
        }
        var inputs = ReleaseRecordJson.Write(RecordOf(image, draft, all));
        await draft.WriteAsync(ReleaseDocuments.Inputs, inputs, Ct);
        await draft.WriteAsync(ReleaseDocuments.Changelog, Encoding.UTF8.GetBytes(notes), Ct);
        await draft.WriteAsync(ReleaseDocuments.Checksums, Sha256Sums.Write(all.Select(f => (f.Name, f.Sha256))), Ct);
    }

    private static ReleaseRecord RecordOf(string image, IReleaseDraft draft, List<ReleaseFile> files) => new(
        image, draft.Version, draft.Previous?.Version, null, ImmutableSortedDictionary<string, string>.Empty,
        files.Select(f => new PublishedTarget(
            Target.IdOf(image, Path.GetFileNameWithoutExtension(f.Name), new Output(OutputKind.Disk, OutputCompression.None, false, null)), draft.Version,
            new(ImmutableSortedDictionary<string, string>.Empty, ImmutableSortedDictionary<string, string>.Empty), [f], []))
            .ToImmutableSortedDictionary(t => t.Id, t => t, StringComparer.Ordinal));

    private async Task<ImageOutcome> RoundAsync(Workspace workspace, string scratch = "scratch")
    {
        var host = Open();
        var reconciler = new Reconciler(
            new(_factory.Resolver(), _factory.Builder, host, new(host, null), _factory.Reporter), new() { ScratchDirectory = _factory.Temp[scratch] });
        var outcome = await reconciler.RunOnceAsync(workspace, Ct);
        outcome.Diagnostics.ShouldBeEmpty();
        return outcome.Images[0];
    }
}
