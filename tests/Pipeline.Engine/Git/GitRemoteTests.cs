using System.Net;
using System.Net.Sockets;
using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Git;

/// <summary>Other people's repositories: slow, large, redirecting, with traps of their own.</summary>
public sealed class GitRemoteTests : IDisposable
{
    private static readonly RemoteLimits Limits = new(TimeSpan.FromMinutes(5), ByteSize.MiB(64));
    private readonly TempDir _temp = new();
    private readonly GitFixture _upstream;
    private int _made;

    public GitRemoteTests() => _upstream = new(_temp["served/upstream"]);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private string Address => "file://" + _upstream.Directory;

    public void Dispose() => _temp.Dispose();

    [Fact]
    public async Task Branches_go_before_tags_and_annotated_tags_are_followed()
    {
        var first = _upstream.Commit("First");
        _upstream.Run("tag", "-a", "-m", "m", "v1");
        _upstream.Run("tag", "both");
        var second = _upstream.Commit("Second");
        _upstream.Run("branch", "both");
        (await Remote().ResolveAsync("v1", Ct)).ShouldBe(first);
        (await Remote().ResolveAsync("both", Ct)).ShouldBe(second);
        (await Remote().ResolveAsync(null, Ct)).ShouldBe(second);
        (await Remote().ResolveAsync(first, Ct)).ShouldBe(first);
        (await Should.ThrowAsync<RemoteNameException>(() => Remote().ResolveAsync("gone", Ct))).Message.ShouldContain("no branch or tag 'gone'");
    }

    [Fact]
    public async Task Hooks_and_submodules_and_large_file_filters_of_it_do_nothing()
    {
        var trap = $"#!/bin/sh\ntouch {_temp["ran"]}\n";
        _upstream.Write(".gitattributes", "* filter=lfs\n").Write("file", "content").Write(".gitmodules", $"[submodule \"x\"]\n\tpath = x\n\turl = {Address}\n");
        _upstream.Write(".git/hooks/post-checkout", trap, isProgram: true).Write(".git/hooks/post-upload-pack", trap, isProgram: true);
        var commit = _upstream.Commit("First");
        File.Delete(_temp["ran"]);
        var snapshot = await Remote().FetchAsync(commit, null, Target(), Ct);
        snapshot.IsOk.ShouldBeTrue();
        File.ReadAllText(Path.Combine(snapshot.Value!.RootPath, "file")).ShouldBe("content");
        File.Exists(_temp["ran"]).ShouldBeFalse();
    }

    [Fact]
    public async Task Another_protocol_than_the_addresses_is_not_spoken()
    {
        using var listener = new HttpListener();
        var host = FreeHost();
        listener.Prefixes.Add($"http://{host}/");
        listener.Start();
        var serving = Task.Run(async () =>
        {
            while (true)
            {
                var context = await listener.GetContextAsync();
                context.Response.Redirect($"{Address}{context.Request.Url!.PathAndQuery}");
                context.Response.Close();
            }
        }, Ct);
        _upstream.Commit("First");
        await Should.ThrowAsync<IOException>(() => new GitRemote($"http://{host}/upstream", Scratch(), Limits).ResolveAsync("main", Ct));
        await Should.ThrowAsync<ArgumentException>(() => new GitRemote("ext::sh -c touch% " + _temp["ran"], Scratch(), Limits).ResolveAsync("main", Ct));
        File.Exists(_temp["ran"]).ShouldBeFalse();
        serving.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_server_that_never_answers_is_left()
    {
        using var silent = new TcpListener(IPAddress.Loopback, 0);
        silent.Start();
        var remote = new GitRemote($"http://{silent.LocalEndpoint}/upstream", Scratch(), Limits with { Patience = TimeSpan.FromSeconds(1) });
        (await Should.ThrowAsync<IOException>(() => remote.ResolveAsync("main", Ct))).Message.ShouldContain("did not answer within 1 s");
    }

    [Theory]
    [InlineData(2, 3)]
    [InlineData(9, 4)]
    public async Task A_server_that_fails_for_a_while_is_asked_again_and_not_for_ever(int refusals, int requests)
    {
        var commit = _upstream.Commit("First");
        using var server = new GitHttpServer(_temp["served"]) { Refusals = refusals };
        var (time, reporter) = (new InstantTime(), new RecordingReporter());
        var remote = new GitRemote($"http://{server.Host}/upstream", Scratch(), Limits) { Clock = time, Reporter = reporter };
        if (requests > refusals)
            (await remote.ResolveAsync("main", Ct)).ShouldBe(commit);
        else
            (await Should.ThrowAsync<IOException>(() => remote.ResolveAsync("main", Ct))).Message.ShouldContain("503");
        time.Waits.Select(w => w.TotalSeconds).ShouldBe(new[] { 1.0, 3, 9 }.Take(requests - 1).Take(refusals));
        reporter.Lines.ShouldAllBe(l => l.Contains("error: 503; trying again in ", StringComparison.Ordinal));
        reporter.Lines.Count.ShouldBe(time.Waits.Count);
    }

    [Fact]
    public async Task A_refusal_is_not_asked_again()
    {
        using var server = new GitHttpServer(_temp["served"]);
        var time = new InstantTime();
        var remote = new GitRemote($"http://{server.Host}/nobody", Scratch(), Limits) { Clock = time };
        await Should.ThrowAsync<IOException>(() => remote.ResolveAsync("main", Ct));
        time.Waits.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_too_large_is_refused_whether_packed_or_written_out()
    {
        var noise = new byte[4 << 20];
        new Random(1).NextBytes(noise);
        File.WriteAllBytes(_upstream["noise"], noise);
        var commit = _upstream.Commit("Noise");
        var packed = new GitRemote(Address, Scratch(), Limits with { Size = ByteSize.MiB(1) });
        try
        {
            (await packed.FetchAsync(commit, "main", Target(), Ct)).IsOk.ShouldBeFalse();
        }
        catch (IOException e)
        {
            e.Message.ShouldContain("holds more than");
        }
        _upstream.Run("rm", "-q", "noise");
        File.WriteAllText(_upstream["zeros"], new string('0', 8 << 20));
        var bomb = _upstream.Commit("Small when packed");
        var written = await new GitRemote(Address, Scratch(), Limits with { Size = ByteSize.MiB(4) }).FetchAsync(bomb, "main", Target(), Ct);
        written.Diagnostics.Single().Rule.ShouldBe(GitRules.TooLarge);
    }

    [Fact]
    public async Task A_commit_that_is_gone_is_said()
    {
        _upstream.Commit("First");
        (await Should.ThrowAsync<IOException>(() => Remote().FetchAsync(new string('1', 40), "main", Target(), Ct))).Message.ShouldContain("no longer has commit 1111111111");
    }

    private GitRemote Remote() => new(Address, Scratch(), Limits);

    private string Scratch() => Directory.CreateDirectory(_temp[$"scratch{_made++}"]).FullName;

    private string Target() => Scratch();

    private static string FreeHost()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return probe.LocalEndpoint.ToString()!;
    }
}
