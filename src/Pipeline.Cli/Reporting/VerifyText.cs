using System.Text;
using System.Text.Json;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Engine.Verifying;

namespace Pipeline.Cli.Reporting;

/// <summary>What a verification came to: a line for each file, then who signed and who built. Mistakes were told as diagnostics.</summary>
internal static class VerifyText
{
    public static void Tell(Results results, VerifyReport report)
    {
        results.WriteText(Render(report, results.Paint));
        foreach (var file in report.Files)
        {
            results.WriteJson("verifiedFile", json =>
            {
                json.WriteString("name", file.Name);
                json.WriteString("checksum", Name(file.Checksum));
                json.WriteString("provenance", Name(file.Provenance));
            });
        }
        results.WriteJson("verified", json => Write(json, report));
    }

    /// <summary>What building again came to.</summary>
    public static void Tell(Results results, RebuildReport report)
    {
        var rows = report.Files.Select(f => (string[])[f.Name, Words(f.Verdict)]).Prepend(["FILE", "BUILT AGAIN"]).ToList();
        results.WriteText(Text.Table(rows, (row, column, cell) => row == 0 ? results.Paint.Strong(cell) : column == 0 ? cell : Coloured(cell, results.Paint)));
        results.WriteText(report.IsEqual ? results.Paint.Good("equal") : results.Paint.Bad("not equal"));
        foreach (var file in report.Files)
        {
            results.WriteJson("rebuiltFile", json =>
            {
                json.WriteString("target", file.TargetId);
                json.WriteString("name", file.Name);
                json.WriteString("verdict", JsonNamingPolicy.CamelCase.ConvertName(file.Verdict.ToString()));
                if (file.FirstByte is { } first)
                    json.WriteNumber("firstByte", first);
            });
        }
        results.WriteJson("rebuilt", json => json.WriteBoolean("equal", report.IsEqual));
    }

    private static string Words(RebuildVerdict verdict) => verdict switch
    {
        RebuildVerdict.PackedDifferently => "equal, packed differently",
        RebuildVerdict.NotBuilt => "not built",
        _ => verdict.ToString().ToLowerInvariant(),
    };

    private static string Render(VerifyReport report, Paint paint)
    {
        var text = new StringBuilder();
        text.Append(report.Record is { } record ? $"{record.Image} {record.Version}, {report.Location}\n" : $"{report.Location}\n");
        if (!report.Files.IsEmpty)
        {
            var rows = report.Files.Select(f => (string[])[f.Name, Name(f.Checksum), Name(f.Provenance)]).Prepend(["FILE", "CHECKSUM", "PROVENANCE"]).ToList();
            text.Append(Text.Table(rows, (row, column, cell) => row == 0 ? paint.Strong(cell) : column == 0 ? cell : Coloured(cell, paint)));
        }
        text.Append($"signature: {Signed(report.Signature, report.Key)}\n");
        if (!report.Builds.IsEmpty)
            text.Append($"signature of the provenance: {Signed(report.Envelopes, report.Key)}\n");
        foreach (var line in report.Builds.Where(b => b.TargetId is not null).Select(Built).Distinct(StringComparer.Ordinal))
            text.Append(line + "\n");
        return text.Append(report.IsRight ? paint.Good("verified") : paint.Bad("not verified")).Append('\n').ToString();
    }

    /// <summary><c>built by URI from docker.io/library/debian:12 (a1b2c3d4e5f6), manifests of https://… at 0123456789</c></summary>
    private static string Built(BuildStatement build)
    {
        var text = $"built by {build.Builder}";
        if (build.Parameters.TryGetValue("source", out var source))
            text += $" from {source}";
        if (build.Inputs?.GetValueOrDefault(InputNames.SourceManifest) is { } manifest)
            text += $" ({Reason.Show(manifest)})";
        if (build.Parameters.TryGetValue("commit", out var commit))
            text += $", manifests{(build.Parameters.TryGetValue("repository", out var repository) ? " of " + repository : "")} at {commit[..Math.Min(10, commit.Length)]}";
        return build.Parameters.ContainsKey("uncommittedChanges") ? text + " with changes that were not committed" : text;
    }

    private static void Write(Utf8JsonWriter json, VerifyReport report)
    {
        json.WriteBoolean("right", report.IsRight);
        json.WriteString("location", report.Location);
        json.WriteString("image", report.Record?.Image);
        json.WriteString("version", report.Record?.Version);
        json.WriteString("signature", Name(report.Signature));
        json.WriteString("provenanceSignature", Name(report.Envelopes));
        json.WriteString("key", report.Key?.Id);
        json.WriteStartArray("builds");
        foreach (var build in report.Builds)
        {
            json.WriteStartObject();
            json.WriteString("target", build.TargetId);
            json.WriteString("builder", build.Builder);
            foreach (var (name, value) in build.Parameters.Where(p => p.Key is "source" or "repository" or "commit"))
                json.WriteString(name, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static string Signed(Verdict verdict, VerificationKey? key) => verdict switch
    {
        Verdict.Right => $"right, of the key {key!.Id[..12]}…",
        Verdict.Absent => "none",
        Verdict.Unchecked => "there, not checked (no --key)",
        _ => "wrong",
    };

    private static string Name(Verdict verdict) => verdict switch
    {
        Verdict.Absent => "none",
        _ => verdict.ToString().ToLowerInvariant(),
    };

    private static string Coloured(string cell, Paint paint) => cell.TrimEnd() switch
    {
        "right" or "equal" => paint.Good(cell),
        "wrong" or "differs" or "not built" => paint.Bad(cell),
        _ => paint.Faint(cell),
    };
}
