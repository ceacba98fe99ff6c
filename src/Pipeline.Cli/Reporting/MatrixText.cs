using System.Collections.Immutable;
using System.Text.Json;
using Pipeline.Core.Json;
using Pipeline.Engine.Reconciling;
using Pipeline.Engine.Reconciling.Shares;

namespace Pipeline.Cli.Reporting;

/// <summary>
/// Stale work as a matrix of GitHub Actions, on one line: <c>{"include":[{"share":"0/3",…}]}</c>; or as a matrix of matrices,
/// <c>{"include":[{"shard":"0/3","matrix":"{\"include\":[…]}",…}]}</c>, the inner one as a text that a called workflow parses.
/// </summary>
internal static class MatrixText
{
    /// <summary>A workflow must look for it: GitHub refuses a matrix without jobs.</summary>
    public const string Nothing = """{"include":[]}""";

    /// <summary>No more jobs than there are units of work, and no more shards than they need; none where nothing is stale.</summary>
    public static string Render(ReconcilePlan plan, MatrixShape shape)
    {
        var units = ShareSplit.Units(plan);
        if (units.IsEmpty)
            return Nothing;
        var shares = ShareSplit.Cut(units, Math.Min(shape.Jobs, units.Length));
        ImmutableArray<int> all = [.. Enumerable.Range(0, shares.Length)];
        return shape.Shards is { } shards ? WriteShards(shares, shards, shape.Jobs / shards) : WriteJobs(shares, all);
    }

    private static string WriteShards(ImmutableArray<ImmutableArray<WorkUnit>> shares, int most, int jobsOfOne)
    {
        // As few as hold all, and all about as long: the jobs are of about the same weight already.
        var count = Math.Min(most, (shares.Length + jobsOfOne - 1) / jobsOfOne);
        return WriteList(Enumerable.Range(0, count), (json, shard) =>
        {
            int[] jobs = [.. Enumerable.Range(0, shares.Length).Where(i => (long)i * count / shares.Length == shard)];
            json.WriteString("shard", new Share(shard, count).ToString());
            json.WriteNumber("index", shard);
            json.WriteNumber("jobs", jobs.Length);
            WriteWeight(json, [.. jobs.SelectMany(i => shares[i])]);
            json.WriteString("matrix", WriteJobs(shares, jobs));
        });
    }

    private static string WriteJobs(ImmutableArray<ImmutableArray<WorkUnit>> shares, IEnumerable<int> jobs) => WriteList(jobs, (json, index) =>
    {
        json.WriteString("share", new Share(index, shares.Length).ToString());
        json.WriteNumber("index", index);
        WriteWeight(json, [.. shares[index]]);
        json.WriteString("images", string.Join(' ', shares[index].Select(u => u.Image).Distinct(StringComparer.Ordinal)));
        json.WriteString("ids", string.Join(' ', shares[index].SelectMany(u => u.Steps).Select(s => s.Target.Id)));
    });

    private static void WriteWeight(Utf8JsonWriter json, List<WorkUnit> units)
    {
        json.WriteNumber("targets", units.Sum(u => u.Steps.Length));
        json.WriteNumber("megabytes", units.Sum(u => u.Weight) / 1_000_000);
    }

    private static string WriteList(IEnumerable<int> entries, Action<Utf8JsonWriter, int> write) => JsonForm.LineText(json =>
    {
        json.WriteStartArray("include");
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            write(json, entry);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });
}
