using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Status;

public sealed class ListShelfTests : IDisposable
{
    private static readonly Workspace Workspace = SampleImages.Workspace(SampleImages.Image("kiosk", "base:1", "pc"));
    private readonly ReleaseStore _store = new();
    private readonly RecordingReporter _reporter = new();
    private readonly ManualClock _clock = new(new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    [Fact]
    public async Task Lists_follow_what_is_released_at_once_and_what_is_withdrawn_within_the_hour()
    {
        var lists = new ListShelf(new(_store.Reader, null), _reporter, _clock);
        lists.Find("images.json").ShouldBeNull("nothing was looked at yet");
        Add("20261121.0");
        await lists.FillAsync(Workspace, [Published("20261121.0")], Ct);
        Versions(lists).ShouldBe("20261121.0");
        lists.Find("os_list.json")!.ContentType.ShouldBe("application/json");
        lists.Find("os_sublist.json").ShouldNotBeNull();
        lists.Find("../images.json").ShouldBeNull();
        Add("20261122.0");
        await lists.FillAsync(Workspace, [Published("20261122.0")], Ct);
        Versions(lists).ShouldBe("20261122.0, 20261121.0");
        _store.Point("kiosk", "20261121.0");
        await lists.FillAsync(Workspace, [Published("20261122.0")], Ct);
        Versions(lists).ShouldBe("20261122.0, 20261121.0", "stores are not asked in every round");
        _clock.Now += TimeSpan.FromHours(1);
        await lists.FillAsync(Workspace, [Published("20261122.0")], Ct);
        Versions(lists).ShouldBe("20261121.0");
    }

    [Fact]
    public async Task What_is_missing_is_said_once_and_what_was_made_stays_while_the_store_fails()
    {
        Add("20261121.0");
        File.WriteAllText(_store["kiosk/20261121.0/inputs.json"], "{");
        var lists = new ListShelf(new(_store.Reader, null), _reporter, _clock);
        for (var round = 0; round < 2; round++, _clock.Now += TimeSpan.FromHours(1))
            await lists.FillAsync(Workspace, [Published("20261121.0")], Ct);
        _reporter.Diagnostics.ShouldHaveSingleItem().Rule.Code.ShouldBe("PL6501");
        var failing = new ListShelf(new(new DownReader(), null), _reporter, _clock);
        await failing.FillAsync(Workspace, [], Ct);
        failing.Find("images.json").ShouldBeNull();
        _reporter.Lines.Last().ShouldContain("it is down");
    }

    private void Add(string version) => _store.Add("kiosk", version, ReleaseStore.Target("pc", "kiosk-pc.img", version));

    private static PublishedRelease Published(string version) => new(new("kiosk", version, "/releases"), null, []);

    private static string Versions(ListShelf lists) => string.Join(", ", JsonDocument.Parse(lists.Find("images.json")!.Content).RootElement.GetProperty("images")[0].GetProperty("versions").EnumerateArray().Select(v => v.GetString()));

    private sealed class DownReader : IReleaseReader
    {
        public Task<IReleaseFiles?> FindAsync(string image, string? version, CancellationToken ct) => throw new IOException("it is down");

        public Task<ImmutableArray<ReleaseVersion>> ListAsync(string image, CancellationToken ct) => throw new IOException("it is down");
    }
}
