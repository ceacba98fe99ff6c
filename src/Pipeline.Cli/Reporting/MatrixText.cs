using System.Text.Json;
using Pipeline.Core.Json;
using Pipeline.Engine.Reconciling;
using Pipeline.Engine.Reconciling.Shares;

namespace Pipeline.Cli.Reporting;

/// <summary>Stale work as a matrix of GitHub Actions, on one line: <c>{"include":[{"share":"0/3",…}]}</c>.</summary>
internal static class MatrixText
{
    /// <summary>More jobs one matrix cannot have; a share then holds several builds.</summary>
    public const int MostJobs = 256;

    /// <summary>A workflow must look for it: GitHub refuses a matrix without jobs.</summary>
    public const string Nothing = """{"include":[]}""";

    /// <summary>No more jobs than there are units of work; none where nothing is stale.</summary>
    public static string Render(ReconcilePlan plan, int jobs)
    {
        var units = ShareSplit.Units(plan);
        if (units.IsEmpty)
            return Nothing;
        var count = Math.Min(jobs, units.Length);
        return JsonForm.LineText(json =>
        {
            json.WriteStartArray("include");
            foreach (var (index, share) in ShareSplit.Cut(units, count).Index())
                Write(json, new Share(index, count), [.. share]);
            json.WriteEndArray();
        });
    }

    private static void Write(Utf8JsonWriter json, Share share, List<WorkUnit> units)
    {
        json.WriteStartObject();
        json.WriteString("share", share.ToString());
        json.WriteNumber("index", share.Index);
        json.WriteNumber("targets", units.Sum(u => u.Steps.Length));
        json.WriteNumber("megabytes", units.Sum(u => u.Weight) / 1_000_000);
        json.WriteString("images", string.Join(' ', units.Select(u => u.Image).Distinct(StringComparer.Ordinal)));
        json.WriteEndObject();
    }
}
