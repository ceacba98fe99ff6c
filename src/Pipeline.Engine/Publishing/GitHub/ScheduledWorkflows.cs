using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Publishing.GitHub.Api;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>
/// GitHub starts no schedule in a new fork, and none in a public repository that was quiet for 60 days, and tells nobody.
/// </summary>
public static class ScheduledWorkflows
{
    /// <summary>A warning for each workflow that GitHub switched off. What its owner switched off is meant so.</summary>
    /// <exception cref="HttpRequestException">GitHub cannot be reached.</exception>
    /// <exception cref="ReleaseRefusedException">The token may not see the workflows.</exception>
    public static async Task<ImmutableArray<Diagnostic>> CheckAsync(GitHubSettings settings, CancellationToken ct)
    {
        using var transport = new GitHubTransport(await settings.FindPlace(ct), settings);
        var api = new GitHubApi(transport, new(settings.CacheDirectory), settings.Reporter);
        var call = new GitHubCall(HttpMethod.Get, api.Address($"actions/workflows?per_page={GitHubApi.PageSize}"), $"list the workflows of {api.Place.Name}");
        using var response = await transport.SendAsync(call, ct);
        var listed = await api.ReadAsync(call, response, GitHubContext.Default.GitHubWorkflows, ct);
        return [.. from workflow in listed.Workflows
                   let why = Why(workflow.State)
                   where why is not null
                   select Diagnostic.Create(GitHubRules.ScheduleOff, null, workflow.Name, why, workflow.HtmlUrl)];
    }

    private static string? Why(string state) => state switch
    {
        "disabled_fork" => "schedules are off in a new fork",
        "disabled_inactivity" => "nothing happened in the repository for 60 days",
        _ => null,
    };
}
