using Pipeline.Core.Diagnostics;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Status;

public sealed class WorkListTests
{
    private readonly RecordingReporter _inner = new();
    private readonly ManualClock _clock = new(new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public async Task Work_and_words_belong_to_the_image_whose_flow_of_control_says_them()
    {
        var list = new WorkList(_inner, _clock);
        var ready = new Barrier(2);
        await Task.WhenAll(ForImageAsync("kiosk"), ForImageAsync("gateway"));
        list.Now.ShouldBeEmpty();
        list.Building.ShouldBeEmpty();
        foreach (var image in new[] { "kiosk", "gateway" })
        {
            list.Log.Lines.Where(l => l.Image == image).Select(l => l.Text.Split(": ")[0]).ShouldBe([$"released {image}", $"write {image}.img"], ignoreOrder: true);
            _inner.Lines.ShouldContain($"released {image}");
        }

        Task ForImageAsync(string image) => Task.Run(async () =>
        {
            list.BeginImage(image);
            await Task.Yield();
            using (var work = list.Begin($"write {image}.img", 200))
            {
                work.Advance(50);
                ready.SignalAndWait();
                list.Building.ShouldBe(["gateway", "kiosk"], ignoreOrder: true);
                list.Now.Single(w => w.Image == image).Percent.ShouldBe(25);
                ready.SignalAndWait();
            }
            list.Announce($"released {image}");
            list.EndImage(image);
        });
    }

    [Fact]
    public void What_belongs_to_no_image_says_so_and_diagnostics_weigh_what_they_weigh()
    {
        var list = new WorkList(_inner, _clock);
        list.Diagnose(Diagnostic.Create(new Rule("PL0001", Severity.Error, "no"), null));
        list.Diagnose(Diagnostic.Create(new Rule("PL0002", Severity.Warning, "hm"), null));
        list.Log.Lines.Select(l => (l.Kind, l.Image, l.Text, l.At)).ShouldBe(
            [(LogKind.Error, null, "error PL0001: no", _clock.Now), (LogKind.Warning, null, "warning PL0002: hm", _clock.Now)]);
        using var work = list.Begin("list packages", 0);
        list.Now.Single().Detail.ShouldBe("0 s");
        list.Now.Single().Percent.ShouldBeNull();
    }

    [Fact]
    public void The_log_keeps_a_fixed_number_of_lines_of_bounded_length()
    {
        var log = new LogBook(_clock);
        for (var i = 0; i < LogBook.Kept + 7; i++)
            log.Add(LogKind.Note, null, $"{i}");
        log.Add(LogKind.Note, null, new string('x', 3 * LogBook.LimitCharacters));
        log.Lines.Length.ShouldBe(LogBook.Kept);
        log.Lines[0].Text.ShouldBe("8");
        log.Lines[^1].Text.Length.ShouldBe(LogBook.LimitCharacters + 1);
    }
}
