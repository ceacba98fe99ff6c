using System.ComponentModel;
using System.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Publishing.GitHub;

/// <summary>
/// Finds the repository and the token. The repository: what the manifest says, what a workflow says
/// (<c>GITHUB_REPOSITORY</c>), git's remote <c>origin</c>. The token: variables made for us, a file, the variables that
/// GitHub's own tools read for that host, <c>gh auth token</c>.
/// </summary>
/// <param name="environment">Environment variables by name.</param>
public sealed class GitHubConnection(GitHubStore store, GitRepository git, Func<string, string?> environment)
{
    public const string TokenVariable = "PIPELINE_GITHUB_TOKEN";
    public const string TokenFileVariable = "PIPELINE_GITHUB_TOKEN_FILE";
    private const int MaxTokenCharacters = 4096;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <exception cref="ReleaseRefusedException">No repository is known, or a file with a token cannot be read.</exception>
    public async Task<GitHubPlace> FindAsync(CancellationToken ct)
    {
        var remote = await RemoteAsync(ct);
        var (owner, repository) = Name(remote) ?? throw ReleaseRefusedException.Because(GitHubRules.NoRepository);
        var api = store.Api ?? WorkflowApi() ?? remote?.Api ?? GitHubRemote.ApiOf("github.com");
        if (api.Scheme != Uri.UriSchemeHttps && !api.IsLoopback)
            throw ReleaseRefusedException.Because(GitHubRules.InsecureApi, api.Host);
        return new(owner, repository, api, await TokenAsync(api, ct));
    }

    /// <summary>Owner and repository alone; null where none is known.</summary>
    public async Task<(string Owner, string Repository)?> FindNameAsync(CancellationToken ct) => Name(await RemoteAsync(ct));

    private (string Owner, string Repository)? Name(GitHubRemote? remote)
    {
        var name = store.Repository ?? Variable("GITHUB_REPOSITORY") ?? (remote is null ? null : $"{remote.Owner}/{remote.Repository}");
        return name?.Split('/') is [{ Length: > 0 } owner, { Length: > 0 } repository] ? (owner, repository) : null;
    }

    private async Task<GitHubRemote?> RemoteAsync(CancellationToken ct) =>
        await git.RemoteUrlAsync("origin", ct) is { } url ? GitHubRemote.TryParse(url) : null;

    private Uri? WorkflowApi() =>
        Variable("GITHUB_API_URL") is { } text && Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var api) ? api : null;

    private async Task<Secret?> TokenAsync(Uri api, CancellationToken ct)
    {
        if (FromVariable(TokenVariable) is { } ours)
            return ours;
        if (Variable(TokenFileVariable) is { } file)
            return await FromFileAsync(file, ct);
        // The token of one host must not go to another: gh has names of its own for servers, and a workflow's token is for its own API.
        var isPublic = api.Host == "api.github.com" || api.Host.EndsWith(".ghe.com", StringComparison.Ordinal);
        string[] names = isPublic ? ["GH_TOKEN", "GITHUB_TOKEN"]
            : WorkflowApi() == api ? ["GITHUB_TOKEN", "GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"]
            : ["GH_ENTERPRISE_TOKEN", "GITHUB_ENTERPRISE_TOKEN"];
        return names.Select(FromVariable).FirstOrDefault(t => t is not null) ?? await FromGhAsync(HostOf(api), ct);
    }

    private static string HostOf(Uri api) => api.Host.StartsWith("api.", StringComparison.Ordinal) ? api.Host["api.".Length..] : api.Host;

    private Secret? FromVariable(string name) => Variable(name) is { } value && IsToken(value) ? new(value, name) : null;

    private static async Task<Secret> FromFileAsync(string path, CancellationToken ct)
    {
        try
        {
            var token = (await SmallFile.ReadTextAsync(path, MaxTokenCharacters, ct))?.Trim() ?? "";
            return IsToken(token) ? new(token, path) : throw ReleaseRefusedException.Because(GitHubRules.TokenFile, path, "what it holds is no token");
        }
        catch (Exception e) when (e is UnauthorizedAccessException or (IOException and not ReleaseRefusedException))
        {
            throw ReleaseRefusedException.Because(GitHubRules.TokenFile, path, e is UnauthorizedAccessException ? "it may not be read" : "it cannot be read");
        }
    }

    /// <summary>What <c>gh</c> keeps for a host; null where it is not there, not signed in, or slow.</summary>
    private async Task<Secret?> FromGhAsync(string host, CancellationToken ct)
    {
        var program = (Variable("PATH") ?? "").Split(':').Where(Path.IsPathRooted).Select(d => Path.Combine(d, "gh")).FirstOrDefault(File.Exists);
        if (program is null)
            return null;
        var start = new ProcessStartInfo(program, ["auth", "token", "--hostname", host])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["GH_PROMPT_DISABLED"] = "1";
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        limit.CancelAfter(Patience);
        try
        {
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            var complaints = process.StandardError.ReadToEndAsync(limit.Token);
            var output = (await process.StandardOutput.ReadToEndAsync(limit.Token)).Trim();
            await complaints;
            await process.WaitForExitAsync(limit.Token);
            return process.ExitCode == 0 && IsToken(output) ? new(output, "gh auth token") : null;
        }
        catch (Exception e) when (e is Win32Exception || (e is OperationCanceledException && !ct.IsCancellationRequested))
        {
            return null;
        }
    }

    private string? Variable(string name) => environment(name) is { Length: > 0 } value ? value : null;

    private static bool IsToken(string text) => text.Length is > 0 and <= MaxTokenCharacters && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
