using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>What can go wrong on the way to GitHub, one by one: at the end there is one whole release and nothing else.</summary>
public sealed class GitHubReleasesTests : IAsyncDisposable
{
    private const string Image = "kiosk";
    private readonly FakeGitHub _fake = FakeGitHub.Start();
    private readonly TempDir _temp = new();
    private readonly InstantTime _time = new();
    private readonly RecordingReporter _reporter = new();
    private readonly GitHubHosts _hosts;

    public GitHubReleasesTests()
    {
        _hosts = new(_fake, _temp["cache"]) { Time = _time, Reporter = _reporter };
        _time.Advance(_fake.State.Now - _time.GetUtcNow());
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        _fake.Complaints.ShouldBeEmpty();
        ShouldNotTell(_reporter.Lines);
        await _fake.DisposeAsync();
        _temp.Dispose();
    }

    [Theory]
    [InlineData(GitHubFault.BadGatewayAfter, "POST", "/releases")]
    [InlineData(GitHubFault.BadGatewayBefore, "POST", "/releases")]
    [InlineData(GitHubFault.LostAnswer, "POST", "/releases")]
    [InlineData(GitHubFault.RetryAfter, "POST", "/releases")]
    [InlineData(GitHubFault.BadGatewayAfter, "POST", "/assets?name=kiosk-pc.img")]
    [InlineData(GitHubFault.BadGatewayBefore, "POST", "/assets?name=kiosk-pc.img")]
    [InlineData(GitHubFault.LostAnswer, "POST", "/assets?name=kiosk-pc.img")]
    [InlineData(GitHubFault.HalfRequest, "POST", "/assets?name=kiosk-pc.img")]
    [InlineData(GitHubFault.HalfRequest, "POST", "/assets?name=SHA256SUMS")]
    [InlineData(GitHubFault.RetryAfter, "POST", "/assets?name=inputs.json")]
    [InlineData(GitHubFault.PrimaryLimit, "POST", "/assets?name=inputs.json")]
    [InlineData(GitHubFault.Slow, "POST", "/assets?name=inputs.json")]
    [InlineData(GitHubFault.BadGatewayAfter, "PATCH", "*")]
    [InlineData(GitHubFault.BadGatewayBefore, "PATCH", "*")]
    [InlineData(GitHubFault.LostAnswer, "PATCH", "*")]
    [InlineData(GitHubFault.RetryAfter, "PATCH", "*")]
    [InlineData(GitHubFault.BadGatewayBefore, "GET", "/releases?per_page=100")]
    [InlineData(GitHubFault.LostAnswer, "GET", "/releases?per_page=100")]
    [InlineData(GitHubFault.PrimaryLimit, "GET", "/releases?per_page=100")]
    [InlineData(GitHubFault.BadGatewayBefore, "GET", "/assets?per_page=100")]
    [InlineData(GitHubFault.LostAnswer, "GET", "git/matching-refs*")]
    [InlineData(GitHubFault.BrokenAnswer, "POST", "/releases")]
    [InlineData(GitHubFault.BrokenAnswer, "POST", "/assets?name=kiosk-pc.img")]
    [InlineData(GitHubFault.BrokenAnswer, "PATCH", "*")]
    [InlineData(GitHubFault.BrokenAnswer, "GET", "/assets?per_page=100")]
    public async Task A_fault_is_mended_within_the_run(GitHubFault fault, string method, string path)
    {
        _fake.Plan(fault, method, path);
        var host = _hosts.Open();
        await ReleaseAsync(host);
        ShouldBeOneWholeRelease("20261121.0");
        _fake.Requests.Count(r => r.Method == "PATCH" && r.Status == 200).ShouldBeInRange(1, 2);
        (await host.ObserveAsync([Image], Ct))[Image].Record.ShouldNotBeNull();
        _reporter.Lines.Any(l => l.Contains("rate limit", StringComparison.Ordinal) && l.Contains(" in ", StringComparison.Ordinal))
            .ShouldBe(fault is GitHubFault.RetryAfter or GitHubFault.PrimaryLimit);
    }

    /// <summary>"Dies": no further step is done, as after SIGKILL. The next run takes the draft up.</summary>
    [Fact]
    public async Task Dying_at_any_step_leaves_nothing_half_and_the_next_run_completes()
    {
        var steps = new List<string>();
        await ReleaseAsync(_hosts.Open());
        await ReleaseAsync(_hosts.Open(steps.Add), "v1");
        steps.ShouldBe(["create draft", "upload kiosk-pc.img", "upload kiosk-pi.img", "upload CHANGELOG.md", "upload inputs.json", "upload SHA256SUMS", "publish"]);
        for (var death = 0; death < steps.Count; death++)
        {
            var count = 0;
            var content = $"death {death}";
            await Should.ThrowAsync<KilledException>(() => ReleaseAsync(_hosts.Open(_ => Die(count++ >= death)), content));
            _fake.State.Published.Count().ShouldBe(2 + death);
            _fake.State.Drafts.Count().ShouldBe(death == 0 ? 0 : 1);

            _fake.TakeRequests();
            var host = _hosts.Open();
            await host.RecoverAsync([Image], Ct);
            await ReleaseAsync(host, content);
            _fake.State.Drafts.ShouldBeEmpty(steps[death]);
            _fake.State.Published.Count().ShouldBe(3 + death);
            _fake.TakeRequests().Count(r => r.Method == "POST" && r.Path.EndsWith("/assets", StringComparison.Ordinal)).ShouldBe(5 - Math.Max(0, death - 1));
        }
    }

    [Fact]
    public async Task A_draft_of_other_contents_is_not_touched_before_ours_is_published_and_gone_then()
    {
        await Should.ThrowAsync<KilledException>(() => ReleaseAsync(_hosts.Open(step => Die(step == "publish")), "old contents"));
        var old = _fake.State.Drafts.Single();
        _fake.Before = r =>
        {
            if (r.Method == "PATCH")
                _fake.State.Drafts.ShouldContain(old);
        };
        await ReleaseAsync(_hosts.Open(), "new contents");
        ShouldBeOneWholeRelease("20261121.0", "new contents");
    }

    [Fact]
    public async Task A_draft_that_nobody_touched_for_a_day_is_removed_and_a_young_one_stays()
    {
        await Should.ThrowAsync<KilledException>(() => ReleaseAsync(_hosts.Open(step => Die(step == "publish")), "old contents"));
        _time.Advance(_fake.State.Now.AddHours(23) - _time.GetUtcNow());
        await _hosts.Open().RecoverAsync([Image], Ct);
        _fake.State.Drafts.Count().ShouldBe(1);
        _time.Advance(TimeSpan.FromHours(2));
        await _hosts.Open().RecoverAsync([Image], Ct);
        _fake.State.Drafts.ShouldBeEmpty();
    }

    [Fact]
    public async Task Files_of_a_draft_that_are_not_ours_or_not_whole_are_done_again()
    {
        await Should.ThrowAsync<KilledException>(() => ReleaseAsync(_hosts.Open(step => Die(step == "publish"))));
        var draft = _fake.State.Drafts.Single();
        draft["kiosk-pc.img"]!.State = "starter";
        draft["kiosk-pi.img"]!.Content = [1, 2];
        _fake.State.AddAsset(draft, "kiosk-pc..img", [3]);
        _fake.State.AddAsset(draft, "odd.img", [3], "starter");
        await ReleaseAsync(_hosts.Open());
        ShouldBeOneWholeRelease("20261121.0");
    }

    [Fact]
    public async Task Somebody_who_publishes_the_tag_first_wins_and_our_draft_goes()
    {
        _fake.Before = r =>
        {
            if (r.Method == "PATCH" && !_fake.State.Published.Any())
                _fake.State.Add("kiosk-20261121.0", "by hand", isDraft: false);
        };
        var e = await Should.ThrowAsync<OvertakenException>(() => ReleaseAsync(_hosts.Open()));
        e.Newest.Version.ShouldBe("20261121.0");
        _fake.State.Releases.ShouldHaveSingleItem().Body.ShouldBe("by hand");
    }

    [Fact]
    public async Task Somebody_who_publishes_another_version_meanwhile_wins_too()
    {
        _fake.Before = r =>
        {
            if (r.Path.EndsWith("/assets", StringComparison.Ordinal) && !_fake.State.Published.Any())
                _fake.State.Add("kiosk-20261122.0", "by hand", isDraft: false);
        };
        (await Should.ThrowAsync<OvertakenException>(() => ReleaseAsync(_hosts.Open()))).Newest.Version.ShouldBe("20261122.0");
        _fake.State.Releases.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_draft_that_somebody_deletes_is_told_and_the_next_run_starts_anew()
    {
        _fake.Before = r =>
        {
            if (r.Query.Contains("name=SHA256SUMS", StringComparison.Ordinal))
                _fake.State.Releases.Clear();
        };
        var e = await Should.ThrowAsync<HttpRequestException>(() => ReleaseAsync(_hosts.Open()));
        e.Message.ShouldContain("by somebody else; run again");
        _fake.Before = _ => { };
        await ReleaseAsync(_hosts.Open());
        ShouldBeOneWholeRelease("20261121.0");
    }

    [Fact]
    public async Task Two_that_send_the_same_files_into_one_draft_do_not_harm_each_other()
    {
        // The second finds the draft that the first has just begun, and both send.
        await Should.ThrowAsync<KilledException>(() => ReleaseAsync(_hosts.Open(step => Die(step == "upload kiosk-pc.img"))));
        var both = await Task.WhenAll(TryAsync(), TryAsync());
        both.Count(b => b).ShouldBeGreaterThan(0);
        ShouldBeOneWholeRelease("20261121.0");

        async Task<bool> TryAsync()
        {
            try
            {
                await ReleaseAsync(_hosts.Open());
                return true;
            }
            catch (OvertakenException)
            {
                return false;
            }
        }
    }

    [Fact]
    public async Task Published_and_immutable_releases_are_never_changed()
    {
        _fake.State.IsImmutable = true;
        await ReleaseAsync(_hosts.Open());
        var first = _fake.State.Published.Single();
        await ReleaseAsync(_hosts.Open(), "two");
        await _hosts.Open().RecoverAsync([Image], Ct);
        _fake.Requests.ShouldNotContain(r => r.Status == 422);
        var firstId = $"/releases/{first.Id}";
        _fake.Requests.SkipWhile(r => r.Method != "PATCH").Skip(1).Where(r => r.Method != "GET" && r.Path.Contains(firstId, StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_quiet_round_is_answered_by_etags_and_counts_nothing()
    {
        for (var i = 0; i < 250; i++)
            _fake.State.Add($"v{i}", new string('x', 1000), isDraft: false);
        await ReleaseAsync(_hosts.Open());
        await _hosts.Open().ObserveAsync([Image], Ct);
        _fake.TakeRequests();
        var host = _hosts.Open();
        await host.RecoverAsync([Image], Ct);
        (await host.ObserveAsync([Image], Ct)).Count.ShouldBe(1);
        await host.PruneAsync(Image, 5, Ct);
        _fake.TakeRequests().Select(r => $"{r.Method} {r.Query} {r.Status}").ShouldBe(["GET ?per_page=100 304", "GET ?per_page=100&page=2 304", "GET ?per_page=100&page=3 304"]);
        foreach (var file in Directory.GetFiles(_temp["cache"], "*", SearchOption.AllDirectories))
        {
            Tool.Require("stat", "-c", "%a", file).Trim().ShouldBe("600");
            Damage.FlipBit(file, 200);
        }
        (await _hosts.Open().ObserveAsync([Image], Ct))[Image].Record.ShouldNotBeNull();
        _fake.TakeRequests().Select(r => r.Status).ShouldBe([200, 200, 200]);
    }

    [Fact]
    public async Task One_listing_tells_all_also_with_a_cold_cache()
    {
        await ReleaseAsync(_hosts.Open());
        _fake.TakeRequests();
        var host = new GitHubHosts(_fake, _temp["cold"]) { Token = null }.Open();
        var found = (await host.ObserveAsync([Image], Ct))[Image];
        found.Record!.Files.Count().ShouldBe(2);
        _fake.TakeRequests().ShouldHaveSingleItem().Headers.ContainsKey("authorization").ShouldBeFalse();
    }

    [Theory]
    [InlineData("no text", "", true)]
    [InlineData("a text by hand", "Hello <!-- pipeline:release {\"format\":1} --> there", true)]
    [InlineData("a marker of another release", "<!-- pipeline:release {\"format\":1,\"contents\":\"sha256:00\",\"inputs\":\"sha256:00\",\"record\":\"eJwDAAAAAAE=\"} -->", true)]
    [InlineData("a marker of tomorrow", "<!-- pipeline:release {\"format\":9} -->", true)]
    public async Task A_text_that_was_edited_is_not_believed(string what, string body, bool isRead)
    {
        await ReleaseAsync(_hosts.Open());
        _fake.State.Published.Single().Body = body;
        _fake.TakeRequests();
        var host = new GitHubHosts(_fake, _temp["cold"]).Open();
        ((await host.ObserveAsync([Image], Ct))[Image].Record is not null).ShouldBe(isRead, what);
        _fake.TakeRequests().Count(r => r.Path.StartsWith("/storage/", StringComparison.Ordinal)).ShouldBe(1);
        (await new GitHubHosts(_fake, _temp["cold"]).Open().ObserveAsync([Image], Ct))[Image].Record.ShouldNotBeNull();
        _fake.TakeRequests().ShouldHaveSingleItem("the record is in the cache");
    }

    [Fact]
    public async Task A_record_that_cannot_be_read_is_told()
    {
        await ReleaseAsync(_hosts.Open());
        _fake.State.Published.Single()["inputs.json"]!.Content = "{}"u8.ToArray();
        var found = (await _hosts.Open().ObserveAsync([Image], Ct))[Image];
        found.Record.ShouldBeNull();
        found.Diagnostics.ShouldHaveSingleItem().Rule.ShouldBe(PublishingRules.UnreadableRecord);
        _fake.State.Published.Single().Assets.Clear();
        (await _hosts.Open().ObserveAsync([Image], Ct))[Image].Diagnostics.ShouldHaveSingleItem().Message.ShouldContain("there is no inputs.json");
    }

    [Fact]
    public async Task Releases_of_people_are_left_alone()
    {
        _fake.State.Add("v1.0", "ours", isDraft: false);
        _fake.State.Add("kiosk-1.0", "not a version of ours", isDraft: true);
        _fake.State.Add("kiosk-20261120.0", "a draft by hand", isDraft: true);
        await _hosts.Open().RecoverAsync([Image], Ct);
        await ReleaseAsync(_hosts.Open());
        await _hosts.Open().PruneAsync(Image, 1, Ct);
        _fake.State.Releases.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_file_that_GitHub_renames_is_told_and_nothing_is_published()
    {
        _fake.State.Rename = name => name.Replace("kiosk-", "kiosk.", StringComparison.Ordinal);
        var e = await Should.ThrowAsync<ReleaseRefusedException>(() => ReleaseAsync(_hosts.Open()));
        e.Diagnostic.Rule.ShouldBe(GitHubRules.Renamed);
        e.Diagnostic.Message.ShouldContain("'kiosk-pc.img' to 'kiosk.pc.img'");
        _fake.State.Published.ShouldBeEmpty();
        _fake.State.Rename = name => name;
        await ReleaseAsync(_hosts.Open());
        ShouldBeOneWholeRelease("20261121.0");
    }

    [Fact]
    public async Task A_file_has_the_address_that_browsers_use()
    {
        await ReleaseAsync(_hosts.Open());
        var files = (await _hosts.Open().FindAsync(Image, null, Ct))!;
        files.AddressOf("kiosk-pc.img")!.AbsoluteUri.ShouldMatch("^http://127.0.0.1:[0-9]+/storage/[0-9]+/kiosk-pc.img$");
        new JoinedFiles(files).AddressOf("kiosk-pc.img").ShouldBe(files.AddressOf("kiosk-pc.img"));
        files.LocalPathOf("kiosk-pc.img").ShouldBeNull();
    }

    [Fact]
    public async Task Files_that_are_too_large_are_split_carried_and_found_again()
    {
        _hosts.Limits = new(10, 8, 1000, 125_000);
        await WriteLargeAsync(LargeFilePolicy.Split);
        var release = _fake.State.Published.Single();
        release.Assets.Select(a => a.Name).Where(n => n.StartsWith("kiosk-pc", StringComparison.Ordinal)).ShouldBe(["kiosk-pc.img.000", "kiosk-pc.img.001", "kiosk-pc.img.002", "kiosk-pc.img.parts"], ignoreOrder: true);
        Download(release, _temp["download"]);
        var commands = release.Body.Split("```")[1];
        Tool.Require("bash", "-ec", $"cd {_temp["download"]}\n{commands}");
        File.ReadAllText(_temp["download/kiosk-pc.img"]).ShouldBe("twenty characters ..");
        var host = _hosts.Open();
        var previous = (await host.ObserveAsync([Image], Ct))[Image];
        previous.Record!.Targets.Values.SelectMany(t => t.Lost).ShouldBeEmpty();
        await using (var draft = await host.OpenAsync(Image, Ct))
        {
            await draft.CarryAsync(previous.Record.Files.First(), Ct);
            await draft.WriteAsync("inputs.json", ReleaseRecordJson.Write(previous.Record with { Version = draft.Version }), Ct);
            await draft.PublishAsync(Ct);
        }
        _fake.State.Published.Last().Assets.Count.ShouldBe(5);
        _fake.State.Published.Last().Body.ShouldContain("cat kiosk-pc.img.[0-9][0-9][0-9] > kiosk-pc.img");
        _fake.State.Published.Last().Assets.RemoveAll(a => a.Name.EndsWith(".001", StringComparison.Ordinal));
        (await _hosts.Open().ObserveAsync([Image], Ct))[Image].Record!.Targets.Values.SelectMany(t => t.Lost).ShouldBe(["kiosk-pc.img"]);
    }

    [Fact]
    public async Task Files_that_are_too_large_are_packed_where_the_manifest_says_so()
    {
        _hosts.Limits = new(400, 300, 1000, 125_000);
        await WriteLargeAsync(LargeFilePolicy.Recompress, new string('a', 5000));
        var release = _fake.State.Published.Single();
        release["kiosk-pc.img.zst"].ShouldNotBeNull();
        Download(release, _temp["download"]);
        Tool.Require("bash", "-ec", $"cd {_temp["download"]}\n{release.Body.Split("```")[1]}");
        (await _hosts.Open().ObserveAsync([Image], Ct))[Image].Record!.Targets.Values.SelectMany(t => t.Lost).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_GitHub_would_not_take_is_refused_before_the_first_byte()
    {
        _hosts.Limits = new(10, 8, 6, 125_000);
        (await Should.ThrowAsync<ReleaseRefusedException>(() => WriteLargeAsync(LargeFilePolicy.Refuse))).Diagnostic.Rule.ShouldBe(GitHubRules.FileTooLarge);
        (await Should.ThrowAsync<ReleaseRefusedException>(() => WriteLargeAsync(LargeFilePolicy.Split))).Diagnostic.Rule.ShouldBe(GitHubRules.TooManyFiles);
        (await Should.ThrowAsync<ReleaseRefusedException>(() => _hosts.Open().OpenAsync("a..b", Ct))).Diagnostic.Rule.ShouldBe(GitHubRules.ImageName);
        _fake.Requests.ShouldAllBe(r => r.Method == "GET");
    }

    [Fact]
    public async Task A_text_that_is_too_long_is_cut_at_a_line_and_says_where_the_rest_is()
    {
        var notes = string.Concat(Enumerable.Range(0, 5000).Select(i => $"- package {i} went from 1.0 to 2.0\n"));
        await ReleaseAsync(_hosts.Open(), notes: notes);
        var release = _fake.State.Published.Single();
        release.Body.Length.ShouldBeInRange(120_000, 125_000);
        release.Body.ShouldContain("the whole one is the file `CHANGELOG.md`");
        release["CHANGELOG.md"]!.Content.Length.ShouldBe(notes.Length);
        (await new GitHubHosts(_fake, _temp["cold"]).Open().ObserveAsync([Image], Ct))[Image].Record.ShouldNotBeNull();
        _fake.Requests.ShouldNotContain(r => r.Path.StartsWith("/storage/", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Writes_keep_a_second_apart_where_requests_are_counted()
    {
        _fake.CountsRequests = true;
        await ReleaseAsync(_hosts.Open());
        _time.Waits.Count(w => w > TimeSpan.FromMilliseconds(500)).ShouldBe(6, "between seven writes");
        _time.Waits.Clear();
        _fake.CountsRequests = false;
        await ReleaseAsync(_hosts.Open(), "two");
        _time.Waits.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_commit_that_GitHub_does_not_take_leaves_the_tag_on_the_default_branch()
    {
        await ReleaseAsync(_hosts.Open(), commit: FakeGitHubState.Commit);
        _fake.State.Published.Last().Target.ShouldBe(FakeGitHubState.Commit);
        await ReleaseAsync(_hosts.Open(), "two", commit: new('d', 40));
        _fake.State.Published.Last().Target.ShouldBe("main");
        _reporter.Lines.ShouldContain(l => l.Contains("is tagged on the default branch", StringComparison.Ordinal));
        _fake.Plan(GitHubFault.NotFound, "POST", "/releases");
        await ReleaseAsync(_hosts.Open(), "three", commit: FakeGitHubState.Commit);
        _fake.State.Published.Count().ShouldBe(3);
    }

    [Theory]
    [InlineData("a wrong token", "ghp_wrong", null, "GET", "PL5103")]
    [InlineData("no token", null, null, "GET", "PL5102")]
    [InlineData("no permission", FakeGitHub.Token, GitHubFault.Forbidden, "POST", "PL5104")]
    [InlineData("no repository", FakeGitHub.Token, GitHubFault.NotFound, "GET", "PL5105")]
    [InlineData("no permission to make one", FakeGitHub.Token, GitHubFault.NotFound, "POST", "PL5105")]
    [InlineData("another server", FakeGitHub.Token, GitHubFault.Garbage, "GET", "PL5115")]
    public async Task A_refusal_is_said_in_the_users_words(string what, string? token, GitHubFault? fault, string method, string code)
    {
        _hosts.Token = token;
        if (fault is { } planned)
            _fake.Plan(planned, method, "/releases*");
        var e = await Should.ThrowAsync<ReleaseRefusedException>(async () =>
        {
            var host = _hosts.Open();
            await host.ObserveAsync([Image], Ct);
            await ReleaseAsync(host);
        });
        e.Diagnostic.Rule.Code.ShouldBe(code, what);
        ShouldNotTell([e.ToString()]);
    }

    [Fact]
    public async Task A_limit_that_asks_for_hours_is_told_and_not_waited_for()
    {
        _fake.State.Now = _time.GetUtcNow().AddHours(3);
        _fake.Plan(GitHubFault.PrimaryLimit, "GET", "*");
        var e = await Should.ThrowAsync<ReleaseRefusedException>(() => _hosts.Open().ObserveAsync([Image], Ct));
        e.Diagnostic.Rule.ShouldBe(GitHubRules.RateLimited);
        e.Message.ShouldContain("UTC");
    }

    [Fact]
    public async Task A_server_that_is_down_is_given_up_after_some_tries()
    {
        for (var i = 0; i < 5; i++)
            _fake.Plan(GitHubFault.BadGatewayBefore, "GET", "*");
        var e = await Should.ThrowAsync<HttpRequestException>(() => _hosts.Open().ObserveAsync([Image], Ct));
        e.Message.ShouldContain("answered 502");
        _time.Waits.Select(w => w.TotalSeconds).ShouldBe([1, 2, 4, 8]);
        _reporter.Lines.ShouldBe(new[] { 1, 2, 4, 8 }.Select(w => $"{new Uri(_fake.Address).Host} answered 502; trying again in {w} s"));
    }

    [Theory]
    [InlineData(1, true)]
    [InlineData(5, false)]
    public async Task A_list_that_breaks_off_is_asked_for_again_and_not_for_ever(int breaks, bool comesThrough)
    {
        await ReleaseAsync(_hosts.Open());
        for (var i = 0; i < breaks; i++)
            _fake.Plan(GitHubFault.BrokenAnswer, "GET", "/releases?per_page=100");
        if (comesThrough)
            (await _hosts.Open().ObserveAsync([Image], Ct))[Image].Record.ShouldNotBeNull();
        else
            (await Should.ThrowAsync<HttpRequestException>(() => _hosts.Open().ObserveAsync([Image], Ct))).Message.ShouldContain("broke");
        _time.Waits.Select(w => w.TotalSeconds).ShouldBe(comesThrough ? [1] : [1, 2, 4, 8]);
    }

    [Fact]
    public async Task Nobody_can_bring_an_image_to_a_release_with_half_of_a_file()
    {
        var host = _hosts.Open();
        await using var draft = await host.OpenAsync(Image, Ct);
        var path = _temp["changed.img"];
        await File.WriteAllTextAsync(path, "changed since it was hashed", Ct);
        await draft.AddAsync(new("kiosk-pc.img", new(27), Digest.Sha256("not these bytes, by chance."u8)), path, Ct);
        await Should.ThrowAsync<InvalidDataException>(() => draft.PublishAsync(Ct));
        _fake.State.Published.ShouldBeEmpty();
    }

    private void ShouldBeOneWholeRelease(string version, string content = "one")
    {
        var release = _fake.State.Releases.ShouldHaveSingleItem();
        release.IsDraft.ShouldBeFalse();
        release.Tag.ShouldBe($"kiosk-{version}");
        release.Assets.Select(a => $"{a.Name} {a.State}").Order(StringComparer.Ordinal).ShouldBe(
            ["CHANGELOG.md uploaded", "SHA256SUMS uploaded", "inputs.json uploaded", "kiosk-pc.img uploaded", "kiosk-pi.img uploaded"]);
        Encoding.UTF8.GetString(release["kiosk-pc.img"]!.Content).ShouldBe(content);
        _fake.State.Tags.Keys.ShouldBe([release.Tag]);
    }

    private Task<Release> ReleaseAsync(GitHubReleases host, string content = "one", string? commit = null, string notes = "# Notes\n") =>
        ReleaseAsync(host, [("kiosk-pc.img", content), ("kiosk-pi.img", "the same")], commit, notes);

    private async Task<Release> ReleaseAsync(GitHubReleases host, (string Name, string Content)[] files, string? commit = null, string notes = "# Notes\n")
    {
        await using var draft = await host.OpenAsync(Image, Ct);
        var all = new List<ReleaseFile>();
        foreach (var (name, content) in files)
        {
            var path = _temp[$"{Guid.NewGuid():n}"];
            await File.WriteAllTextAsync(path, content, Ct);
            all.Add(new(name, new(content.Length), Digest.Sha256(Encoding.UTF8.GetBytes(content))));
            await draft.AddAsync(all[^1], path, Ct);
        }
        var none = ImmutableSortedDictionary<string, string>.Empty;
        var record = new ReleaseRecord(Image, draft.Version, draft.Previous?.Version, commit, none, all.ToImmutableSortedDictionary(
            f => $"kiosk/{f.Name}/disk", f => new PublishedTarget($"kiosk/{f.Name}/disk", draft.Version, new(none, none), [f], [])));
        await draft.WriteAsync("inputs.json", ReleaseRecordJson.Write(record), Ct);
        await draft.WriteAsync("CHANGELOG.md", Encoding.UTF8.GetBytes(notes), Ct);
        await draft.WriteAsync("SHA256SUMS", Sha256Sums.Write(all.Select(f => (f.Name, f.Sha256))), Ct);
        return await draft.PublishAsync(Ct);
    }

    private Task<Release> WriteLargeAsync(LargeFilePolicy policy, string content = "twenty characters ..")
    {
        _hosts.Large = policy;
        _hosts.Limits = _hosts.Limits with { BodyCharacters = 125_000 };
        return ReleaseAsync(_hosts.Open(), [("kiosk-pc.img", content)]);
    }

    private static void Download(FakeRelease release, string directory)
    {
        Directory.CreateDirectory(directory);
        foreach (var asset in release.Assets)
            File.WriteAllBytes(Path.Combine(directory, asset.Name), asset.Content);
    }

    private static void ShouldNotTell(IEnumerable<string> texts) => texts.ShouldAllBe(t => !t.Contains(FakeGitHub.Token));

    private static void Die(bool now)
    {
        if (now)
            throw new KilledException();
    }

    private sealed class KilledException : Exception;
}
