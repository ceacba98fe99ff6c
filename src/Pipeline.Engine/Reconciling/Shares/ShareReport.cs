using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>What one share had to do, and what it could not: <c>share-INDEX-of-COUNT.json</c> beside the images.</summary>
/// <param name="Targets">Ids.</param>
/// <param name="Failed">Ids of those that are not there.</param>
public sealed record ShareReport(int Index, int Count, string[] Targets, string[] Failed)
{
    public const int LimitBytes = 16 << 20;
    private const int ShownNames = 5;

    public byte[] Write() => JsonSerializer.SerializeToUtf8Bytes(this, ShareContext.Default.ShareReport);

    /// <summary>Null where it is none: a share that was killed while it wrote is a lost one.</summary>
    public static ShareReport? Read(ReadOnlySpan<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json, ShareContext.Default.ShareReport) is
                { Targets: not null, Failed: not null, Index: >= 0, Count: > 0 and <= Share.MostShares } report && report.Index < report.Count ? report : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>What the shares in some places tell, and complaints about those that tell nothing.</summary>
    public static async Task<ImmutableArray<Diagnostic>> CheckAsync(IEnumerable<IStage> stages, CancellationToken ct)
    {
        var reports = new List<(string Place, ShareReport Report)>();
        foreach (var stage in stages)
            reports.AddRange((await stage.ReadReportsAsync(ct)).Select(r => (stage.Place, r)));
        if (reports.Count == 0)
            return [];
        var bag = new DiagnosticBag();
        var count = reports[0].Report.Count;
        foreach (var (place, report) in reports.Where(r => r.Report.Count != count).DistinctBy(r => r.Report.Count))
            bag.Add(ShareRules.OtherCount, null, place, report.Count, count);
        foreach (var index in Enumerable.Range(0, count).Except(reports.Select(r => r.Report.Index)))
            bag.Add(ShareRules.ShareLost, null, new Share(index, count));
        foreach (var report in reports.Select(r => r.Report).Where(r => r.Failed.Length > 0))
            bag.Add(ShareRules.ShareFailed, null, new Share(report.Index, report.Count), report.Failed.Length, report.Targets.Length, string.Join(", ", report.Failed.Take(ShownNames)) + (report.Failed.Length > ShownNames ? " …" : ""));
        return bag.ToImmutable();
    }
}

[JsonSerializable(typeof(ShareReport))]
internal sealed partial class ShareContext : JsonSerializerContext;
