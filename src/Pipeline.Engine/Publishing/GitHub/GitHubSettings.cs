using System.Security.Cryptography;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>Where releases go, and as whom.</summary>
/// <param name="Api">Root of the REST API with a slash at its end: <c>https://api.github.com/</c>, <c>https://HOST/api/v3/</c>.</param>
/// <param name="Token">Null reads public repositories and publishes nothing.</param>
public sealed record GitHubPlace(string Owner, string Repository, Uri Api, Secret? Token)
{
    /// <summary>As people write it.</summary>
    public string Name => $"{Owner}/{Repository}";

    /// <summary>GitHub itself counts requests; a server of one's own does only where it says so.</summary>
    public bool IsPublicService => Api.Host == "api.github.com" || Api.Host.EndsWith(".ghe.com", StringComparison.Ordinal);
}

/// <summary>What GitHub takes (shared limits of github.com and GitHub Enterprise Server).</summary>
/// <param name="FileBytes">The largest file; 2 GiB itself is refused.</param>
/// <param name="PartBytes">Of a file that is split.</param>
/// <param name="BodyCharacters">Of a release's text.</param>
public sealed record GitHubLimits(long FileBytes, long PartBytes, int Files, int BodyCharacters)
{
    public static GitHubLimits Official { get; } = new((2L << 30) - 1, 2_000_000_000, 1000, 125_000);
}

public sealed record GitHubSettings
{
    /// <summary>Asked once, when it is first needed: it may ask git and gh.</summary>
    public required Func<CancellationToken, Task<GitHubPlace>> FindPlace { get; init; }

    /// <summary>Absolute; pages of lists and records of releases are kept there.</summary>
    public required string CacheDirectory { get; init; }

    public IReporter Reporter { get; init; } = SilentReporter.Instance;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>Spreads retries of many; 0 up to but not 1. It never reaches an output.</summary>
    public Func<double> Chance { get; init; } = () => RandomNumberGenerator.GetInt32(1 << 20) / (double)(1 << 20);

    public LargeFilePolicy Large { get; init; } = LargeFilePolicy.Split;

    public GitHubLimits Limits { get; init; } = GitHubLimits.Official;
}
