using System.Security.Cryptography;
using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Kit;
using Shouldly;

namespace Pipeline.EndToEnd;

/// <summary>A fleet that publishes to a fake GitHub.</summary>
internal static class GitHubFleet
{
    public static Fleet PublishTo(this Fleet fleet, FakeGitHub github, int keep)
    {
        fleet.Write("pipeline.yaml", $"version: 1\nreleases:\n  github:\n    repository: {FakeGitHub.Owner}/{FakeGitHub.Repository}\n    api: {github.Address}/api/v3\n  keep: {keep}\n");
        fleet.Program.Environment["PIPELINE_GITHUB_TOKEN"] = FakeGitHub.Token;
        return fleet;
    }

    /// <summary>Every release that readers see is whole: each file is there and has the digest that <c>SHA256SUMS</c> says.</summary>
    public static void ShouldBeWhole(this FakeGitHub github, string moment)
    {
        lock (github.State.Lock)
        {
            foreach (var release in github.State.Published)
            {
                release.Assets.ShouldAllBe(a => a.State == "uploaded", moment);
                var sums = Encoding.UTF8.GetString(release["SHA256SUMS"].ShouldNotBeNull(moment).Content).Split('\n', StringSplitOptions.RemoveEmptyEntries);
                foreach (var line in sums)
                    Convert.ToHexStringLower(SHA256.HashData(release[line[66..]].ShouldNotBeNull(moment).Content)).ShouldBe(line[..64], $"{moment}: {release.Tag} {line}");
                release.Assets.Select(a => a.Name).Order(StringComparer.Ordinal).ShouldBe(sums.Select(l => l[66..]).Append("SHA256SUMS").Order(StringComparer.Ordinal), $"{moment}: {release.Tag}");
                release.Body.ShouldContain(release.Tag[(release.Tag.LastIndexOf('-') + 1)..]);
            }
            github.State.Published.Select(r => r.Tag).ShouldBeUnique(moment);
        }
    }

    /// <summary>The digest of the source that an image was made from, of each of its releases.</summary>
    public static List<string> Sources(this FakeGitHub github, string image)
    {
        lock (github.State.Lock)
        {
            return [.. github.State.Published.Where(r => r.Tag[..r.Tag.LastIndexOf('-')] == image)
                .Select(r => Regex.Match(Encoding.UTF8.GetString(r["inputs.json"]!.Content), "\"source.manifest\": \"(.*)\"").Groups[1].Value)];
        }
    }
}
