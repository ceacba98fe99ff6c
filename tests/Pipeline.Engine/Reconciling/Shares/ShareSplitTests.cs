using System.Collections.Immutable;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Reconciling.Shares;

public sealed class ShareSplitTests
{
    /// <summary>Any number of units of any weight, in any number of shares: nothing is lost, nothing is twice, and no share is much heavier than its part.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Every_unit_is_in_exactly_one_share_and_shares_are_even(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            ImmutableArray<WorkUnit> units = [.. Enumerable.Range(0, random.Next(60)).Select(i => new WorkUnit($"image{i:00}", $"source{random.Next(5)}", [], random.NextInt64(1, 1L << random.Next(1, 50))))];
            var count = random.Next(1, 12);
            var shares = ShareSplit.Cut(units, count);
            shares.Length.ShouldBe(count);
            shares.SelectMany(s => s).Select(u => u.Image).Order().ShouldBe(units.Select(u => u.Image).Order());
            var fair = units.Sum(u => u.Weight) / count;
            var heaviest = units.Length == 0 ? 0 : units.Max(u => u.Weight);
            shares.ShouldAllBe(s => s.Sum(u => u.Weight) <= fair + heaviest + 1, $"seed {seed}, round {round}");
            shares.Count(s => !s.IsEmpty).ShouldBe(Math.Min(count, units.Length), "nobody stays without work");
            ShareSplit.Cut([.. units.Reverse()], count).SelectMany(s => s).Select(u => u.Image).ShouldBe(shares.SelectMany(s => s).Select(u => u.Image), "whatever order they come in");
        }
    }

    /// <summary>No cut of the line has a lighter heaviest share: all of them are tried.</summary>
    [Fact]
    public void The_heaviest_share_is_as_light_as_it_can_be()
    {
        var random = new Random(7);
        for (var round = 0; round < 300; round++)
        {
            var weights = Enumerable.Range(0, random.Next(1, 9)).Select(_ => random.NextInt64(1, 100)).ToList();
            ImmutableArray<WorkUnit> units = [.. weights.Select((w, i) => new WorkUnit($"image{i:00}", "source", [], w))];
            var count = random.Next(1, 5);
            ShareSplit.Cut(units, count).Max(s => s.Sum(u => u.Weight)).ShouldBe(Best(weights, count), $"round {round}: {string.Join(' ', weights)} in {count}");
        }
    }

    /// <summary>Images of 100 MB to 10 GB, as fleets have them, in as many jobs as GitHub lets one matrix have.</summary>
    [Theory]
    [InlineData(600, 3, 1.02)]
    [InlineData(600, 20, 1.10)]
    [InlineData(2000, 256, 1.50)]
    public void Shares_of_a_fleet_are_even(int targets, int jobs, double most)
    {
        var random = new Random(targets);
        ImmutableArray<WorkUnit> units = [.. Enumerable.Range(0, targets).Select(i => new WorkUnit($"image{i:0000}", $"source{random.Next(40)}", [], (long)(100e6 * Math.Pow(100, Math.Pow(random.NextDouble(), 3)))))];
        var shares = ShareSplit.Cut(units, jobs).Select(s => (double)s.Sum(u => u.Weight)).ToList();
        (shares.Max() / shares.Average()).ShouldBeLessThan(most);
    }

    private static long Best(List<long> weights, int count) => count == 1 ? weights.Sum()
        : Enumerable.Range(0, weights.Count + 1).Min(cut => Math.Max(weights.Take(cut).Sum(), Best([.. weights.Skip(cut)], count - 1)));

    [Fact]
    public void Shares_keep_sources_together()
    {
        ImmutableArray<WorkUnit> units = [.. Enumerable.Range(0, 600).Select(i => new WorkUnit($"image{i:000}", $"source{i % 3}", [], 100))];
        var shares = ShareSplit.Cut(units, 3);
        shares.Select(s => s.Length).ShouldBe([200, 200, 200]);
        shares.ShouldAllBe(s => s.Select(u => u.Source).Distinct().Count() == 1);
    }

    [Fact]
    public void Shares_of_manifests_do_not_depend_on_what_others_release()
    {
        var workspace = SampleImages.Workspace([.. Enumerable.Range(0, 10).Select(i => SampleImages.Image($"image{i}", $"base:{i % 2}", "pc", "pi"))]) with { InvalidImages = ["broken"] };
        var parts = Enumerable.Range(0, 3).Select(i => ShareSplit.Narrow(workspace, new(i, 3))).ToList();
        parts.SelectMany(p => p.Images).Select(i => i.Name).Order().ShouldBe(workspace.Images.Select(i => i.Name));
        parts.Select(p => p.InvalidImages.Length).ShouldBe([1, 0, 0]);
        parts.ShouldAllBe(p => p.Images.Length >= 3);
    }
}
