using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>What one share had to do, and what it could not: <c>share-INDEX-of-COUNT.json</c> beside the images.</summary>
/// <param name="Targets">Ids.</param>
/// <param name="Failed">Ids of those that are not there.</param>
public sealed record ShareReport(int Index, int Count, string[] Targets, string[] Failed);

/// <summary>A directory into which shares build, and out of which their work is released.</summary>
/// <param name="rootPath">Absolute.</param>
public sealed class StageDirectory(string rootPath)
{
    private const int LimitBytes = 16 << 20;

    /// <summary>The steps that were not staged yet from the inputs of today: a run that is repeated builds only what is missing.</summary>
    public async Task<ImmutableArray<PlanStep>> MissingAsync(ImmutableArray<PlanStep> steps, CancellationToken ct)
    {
        var shelf = new BuiltImages(rootPath);
        var missing = ImmutableArray.CreateBuilder<PlanStep>();
        foreach (var image in steps.GroupBy(s => s.Target.Image.Name, StringComparer.Ordinal))
        {
            var record = await shelf.ReadAsync(image.Key, ct);
            missing.AddRange(image.Where(s => !IsStaged(record?.Targets.GetValueOrDefault(s.Target.Id), s.Target, shelf.DirectoryOf(image.Key))));
        }
        return missing.ToImmutable();
    }

    /// <summary>The last step of a share: who finds this knows that it came to its end.</summary>
    public async Task WriteAsync(ShareReport report, CancellationToken ct)
    {
        Directory.CreateDirectory(rootPath);
        var path = Path.Combine(rootPath, string.Create(CultureInfo.InvariantCulture, $"share-{report.Index:0000}-of-{report.Count:0000}.json"));
        await File.WriteAllBytesAsync(path + ".partial", JsonSerializer.SerializeToUtf8Bytes(report, ShareContext.Default.ShareReport), ct);
        File.Move(path + ".partial", path, overwrite: true);
    }

    /// <summary>What the shares of some directories tell, and complaints about those that tell nothing.</summary>
    public static ImmutableArray<Diagnostic> Check(IEnumerable<string> directories)
    {
        var bag = new DiagnosticBag();
        var reports = directories.SelectMany(d => Read(d).Select(r => (Directory: d, Report: r))).ToList();
        if (reports.Count == 0)
            return [];
        var count = reports[0].Report.Count;
        foreach (var (directory, report) in reports.Where(r => r.Report.Count != count).DistinctBy(r => r.Report.Count))
            bag.Add(ShareRules.OtherCount, null, directory, report.Count, count);
        foreach (var index in Enumerable.Range(0, count).Except(reports.Select(r => r.Report.Index)))
            bag.Add(ShareRules.ShareLost, null, new Share(index, count));
        foreach (var report in reports.Select(r => r.Report).Where(r => r.Failed.Length > 0))
            bag.Add(ShareRules.ShareFailed, null, new Share(report.Index, report.Count), report.Failed.Length, report.Targets.Length, string.Join(", ", report.Failed.Take(5)) + (report.Failed.Length > 5 ? " …" : ""));
        return bag.ToImmutable();
    }

    private static bool IsStaged(PublishedTarget? staged, Target target, string directory) =>
        staged is not null && !Planner.Differences(staged.Inputs.Deciding, target.Inputs!.Deciding).Any()
        && staged.Files.All(f => new FileInfo(Path.Combine(directory, f.Name)) is { Exists: true } file && file.Length == f.Size.Bytes);

    private static List<ShareReport> Read(string directory)
    {
        var reports = new List<ShareReport>();
        foreach (var file in new DirectoryInfo(directory).EnumerateFiles("share-*-of-*.json").Where(f => f.Length <= LimitBytes))
        {
            try
            {
                if (JsonSerializer.Deserialize(File.ReadAllBytes(file.FullName), ShareContext.Default.ShareReport) is { Targets: not null, Failed: not null, Count: > 0 and <= Share.MostShares } report)
                    reports.Add(report);
            }
            catch (JsonException)
            {
                // A share that was killed while it wrote is a lost one.
            }
        }
        return reports;
    }
}

[JsonSerializable(typeof(ShareReport))]
internal sealed partial class ShareContext : JsonSerializerContext;
