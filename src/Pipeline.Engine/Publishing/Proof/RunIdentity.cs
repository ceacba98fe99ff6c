using System.Collections.Immutable;
using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>
/// What is recorded of a run: who builds, where the repository is, with which clock. GitHub Actions say it in variables;
/// elsewhere the builder is what <c>pipeline.yaml</c> says, and the repository git's remote <c>origin</c>.
/// </summary>
/// <param name="environment">Environment variables by name.</param>
/// <param name="clock">Asked only where the run itself is to be recorded.</param>
public sealed partial class RunIdentity(ProvenanceConfig provenance, GitRepository git, Func<string, string?> environment, TimeProvider clock)
{
    public async Task<ImmutableSortedDictionary<string, string>> FactsAsync(CancellationToken ct)
    {
        var facts = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        if (await RepositoryAsync(ct) is { } repository)
            facts[InputNames.GitRepository] = repository;
        if ((provenance.Builder ?? Workflow()) is { } builder)
            facts[InputNames.Builder] = builder;
        facts[InputNames.BuildEpoch] = Variable("SOURCE_DATE_EPOCH") is { } epoch && epoch.All(char.IsAsciiDigit) ? epoch : InputNames.SourceEpoch;
        if (!provenance.NamesRun)
            return facts.ToImmutable();
        if (RunAddress() is { } run)
            facts[InputNames.BuildRun] = run;
        facts[InputNames.BuildStarted] = clock.GetUtcNow().UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return facts.ToImmutable();
    }

    /// <summary>An address without what may be secret in it; null for a path of this machine.</summary>
    public static string? PublicAddress(string remote)
    {
        if (Uri.TryCreate(remote, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" or "ssh" or "git" && uri.Host.Length > 0)
            return $"{uri.Scheme}://{uri.Authority}{uri.AbsolutePath}";
        var match = ShortForm().Match(remote);
        return match.Success ? $"ssh://{match.Groups["host"].Value}/{match.Groups["path"].Value}" : null;
    }

    private async Task<string?> RepositoryAsync(CancellationToken ct) =>
        IsWorkflow && Variable("GITHUB_REPOSITORY") is { } name && Server() is { } server ? $"{server}/{name}"
        : await git.RemoteUrlAsync("origin", ct) is { } remote ? PublicAddress(remote)
        : null;

    private string? Workflow() => IsWorkflow && Variable("GITHUB_WORKFLOW_REF") is { } reference && Server() is { } server ? $"{server}/{reference}" : null;

    private string? RunAddress() => IsWorkflow && Variable("GITHUB_REPOSITORY") is { } name && Variable("GITHUB_RUN_ID") is { } run && Server() is { } server
        ? $"{server}/{name}/actions/runs/{run}/attempts/{Variable("GITHUB_RUN_ATTEMPT") ?? "1"}"
        : null;

    private bool IsWorkflow => Variable("GITHUB_ACTIONS") == "true";

    private string? Server() => Variable("GITHUB_SERVER_URL") is { } text && PublicAddress(text) is { } address ? address.TrimEnd('/') : null;

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;

    /// <summary><c>git@host:path</c>.</summary>
    [GeneratedRegex(@"\A(?:[^@/:]+@)?(?<host>[A-Za-z0-9.-]+):(?!/)(?<path>\S+)\z", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture)]
    private static partial Regex ShortForm();
}
