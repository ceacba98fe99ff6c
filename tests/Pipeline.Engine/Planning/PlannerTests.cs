using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Planning;

public sealed class PlannerTests
{
    private const string Aaaa = "sha256:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
    private const string Bbbb = "sha256:bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

    [Theory]
    [InlineData("same", "a=1", "a=1", "")]
    [InlineData("changed", "a=1", "a=2", "a 1 → 2")]
    [InlineData("new input", "a=1", "a=1,b=2", "b (none) → 2")]
    [InlineData("removed input", "a=1,b=2", "b=2", "a 1 → (none)")]
    [InlineData("several, in order of name", "z=1,a=1", "z=2,a=2", "a 1 → 2; z 1 → 2")]
    [InlineData("digests are cut", "source.manifest=" + Aaaa, "source.manifest=" + Bbbb, "source.manifest sha256:aaaaaaaaaaaa… → sha256:bbbbbbbbbbbb…")]
    [InlineData("empty is not absent", "a=", "a=1", "a (empty) → 1")]
    [InlineData("case counts", "a=X", "a=x", "a X → x")]
    public void Reasons_are_old_and_new(string what, string old, string now, string expected)
    {
        var step = Planner.Plan([Target(now)], Published(old), force: false).Steps.ShouldHaveSingleItem(what);
        string.Join("; ", step.Because).ShouldBe(expected);
        step.State.ShouldBe(expected == "" ? TargetState.Current : TargetState.Stale);
    }

    [Fact]
    public void What_is_only_observed_is_no_reason()
    {
        var old = Published("a=1");
        var moved = old.SetItem("kiosk/pc/disk", old["kiosk/pc/disk"] with { Inputs = Inputs("a=1") with { Observed = Map("source.index=" + Aaaa) } });
        var target = Target("a=1");
        target = target with { Inputs = target.Inputs! with { Observed = Map("source.index=" + Bbbb + ",git.commit=1234") } };
        Planner.Plan([target], moved, force: false).Steps[0].State.ShouldBe(TargetState.Current);
    }

    [Fact]
    public void Never_published_is_the_only_reason_of_a_new_target()
    {
        var step = Planner.Plan([Target("a=1")], Published("a=1").Clear(), force: false).Steps[0];
        step.Because.ShouldBe([Reason.NeverPublished]);
        step.Because[0].ToString().ShouldBe("never published");
    }

    [Fact]
    public void Force_wins_and_still_says_what_changed() =>
        Planner.Plan([Target("a=2")], Published("a=1"), force: true).Steps[0].Because.Select(r => r.ToString())
            .ShouldBe(["forced", "a 1 → 2"]);

    [Fact]
    public void A_lost_file_is_a_reason()
    {
        var published = Published("a=1");
        published = published.SetItem("kiosk/pc/disk", published["kiosk/pc/disk"] with { Lost = ["kiosk-pc.img.bmap", "kiosk-pc.img"] });
        Planner.Plan([Target("a=1")], published, force: false).Steps[0].Because.Select(r => r.ToString())
            .ShouldBe(["last release lost kiosk-pc.img", "last release lost kiosk-pc.img.bmap"]);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void What_cannot_be_built_is_neither_stale_nor_forced(bool force)
    {
        Diagnostic[] none = [];
        var suspended = Target("a=1", "a-suspended");
        suspended = suspended with { Image = suspended.Image with { IsSuspended = true }, Inputs = null };
        var unreachable = Target("a=1", "b-unreachable") with { Inputs = null, Problem = new(true, [.. none]) };
        var invalid = Target("a=1", "c-invalid") with { Inputs = null, Problem = new(false, [.. none]) };
        var steps = Planner.Plan([invalid, unreachable, suspended], Published("a=2"), force).Steps;
        steps.Select(s => s.State).ShouldBe([TargetState.Suspended, TargetState.Unreachable, TargetState.Invalid]);
        steps.ShouldAllBe(s => s.Because.IsEmpty);
    }

    [Fact]
    public void Targets_that_the_manifest_no_longer_wants_are_retired_and_those_of_other_images_are_not()
    {
        var published = Published("a=1");
        var other = published["kiosk/pc/disk"];
        published = published.Add("kiosk/old/disk", other with { Id = "kiosk/old/disk" }).Add("unselected/pc/disk", other with { Id = "unselected/pc/disk" });
        var plan = Planner.Plan([Target("a=1")], published, force: false);
        plan.Retired.ShouldBe(["kiosk/old/disk"]);
        plan.Steps[0].State.ShouldBe(TargetState.Current);
    }

    [Fact]
    public void Steps_come_in_order_of_id_whatever_the_order_of_the_targets() =>
        Planner.Plan([Target("", "b"), Target("", "B"), Target("", "a-b"), Target("", "a")], Published(""), force: false)
            .Steps.Select(s => s.Target.Image.Name).ShouldBe(["B", "a-b", "a", "b"]);

    [Fact]
    public void A_target_without_inputs_and_without_a_problem_is_a_bug() =>
        Should.Throw<ArgumentException>(() => Planner.Plan([Target("") with { Inputs = null }], Published(""), force: false));

    [Theory]
    [InlineData(null, "(none)")]
    [InlineData("two\nlines", "two·lines")]
    [InlineData("sha256:short", "sha256:short")]
    public void Values_are_shown_in_one_line(string? value, string shown) => Reason.Show(value).ShouldBe(shown);

    [Fact]
    public void Long_values_are_cut() => Reason.Show(new('x', 500)).Length.ShouldBe(Reason.ShownCharacters + 1);

    private static Target Target(string inputs, string image = "kiosk") =>
        new(SampleImages.Image(image, "base:1", "pc"), SampleImages.Board("pc", SampleImages.Amd64),
            SampleImages.Image(image, "base:1").Outputs[0], null, Inputs(inputs), null);

    private static ImmutableDictionary<string, PublishedTarget> Published(string inputs) =>
        ImmutableDictionary<string, PublishedTarget>.Empty.Add(
            "kiosk/pc/disk",
            new("kiosk/pc/disk", "20261120.0", Inputs(inputs), [new("kiosk-pc.img", ByteSize.MiB(1), Digest.Parse(Aaaa))], []));

    private static BuildInputs Inputs(string text) => new(Map(text), Map(""));

    private static ImmutableSortedDictionary<string, string> Map(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(p => p.Split('='))
            .ToImmutableSortedDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
}
