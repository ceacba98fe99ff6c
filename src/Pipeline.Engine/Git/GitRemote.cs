using System.Diagnostics;
using System.Text.RegularExpressions;
using Pipeline.Core.Reporting;
using Pipeline.Core.Units;

namespace Pipeline.Engine.Git;

/// <summary>How long and how much may be fetched from a repository that somebody else keeps.</summary>
public sealed record RemoteLimits(TimeSpan Patience, ByteSize Size)
{
    public static RemoteLimits Usual { get; } = new(TimeSpan.FromMinutes(5), ByteSize.GiB(1));
}

/// <summary>
/// A repository of git somewhere else, which may be hostile: only the one protocol of its address is spoken, no submodule,
/// hook, filter or configuration of the machine's takes part, nothing asks for a password (credential helpers of the user
/// answer), and time and size have limits. The address was judged before; it cannot be an option.
/// </summary>
/// <param name="address">An URL.</param>
/// <param name="scratchPath">Absolute, exists; what is fetched lies there. The caller's to delete.</param>
public sealed partial class GitRemote(string address, string scratchPath, RemoteLimits limits)
{
    private const int LookMilliseconds = 200;
    private const int MaxTries = 4;
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly string[] Protocols = ["https", "ssh", "http", "file"];

    /// <summary>Waits before something is tried again.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public IReporter Reporter { get; init; } = SilentReporter.Instance;

    private string BarePath => Path.Combine(scratchPath, "fetched.git");

    /// <summary>The commit that a branch or tag leads to now; a whole name of a commit is itself.</summary>
    /// <param name="name">Null is the default branch.</param>
    /// <exception cref="RemoteNameException">The other side answers, and has no such name.</exception>
    /// <exception cref="IOException">The other side does not answer, or refuses.</exception>
    public async Task<string> ResolveAsync(string? name, CancellationToken ct)
    {
        if (name is not null && ObjectName().IsMatch(name))
            return name;
        string[] patterns = name is null ? ["HEAD"] : [$"refs/heads/{name}", $"refs/tags/{name}", $"refs/tags/{name}^{{}}"];
        var answer = await AskAsync(["ls-remote", "--quiet", "--", address, .. patterns], ct);
        var found = answer.Split('\n').Select(l => l.Split('\t')).Where(l => l.Length == 2 && ObjectName().IsMatch(l[0])).ToDictionary(l => l[1], l => l[0], StringComparer.Ordinal);
        // A branch goes before a tag, and an annotated tag is followed to its commit.
        var order = name is null ? patterns : [patterns[0], patterns[2], patterns[1]];
        return order.Select(p => found.GetValueOrDefault(p)).FirstOrDefault(c => c is not null)
            ?? throw new RemoteNameException(name is null ? $"'{address}' has no default branch" : $"'{address}' has no branch or tag '{name}'");
    }

    /// <summary>Writes the files of a commit. They are what the commit's name says: git computes it anew from what it gets.</summary>
    /// <param name="name">Where to look for the commit when the other side does not give it by its own name.</param>
    /// <param name="targetPath">Absolute, exists, empty.</param>
    /// <exception cref="IOException">The other side failed, or has no such commit.</exception>
    public async Task<Core.Diagnostics.Result<GitSnapshot>> FetchAsync(string commit, string? name, string targetPath, CancellationToken ct)
    {
        Directory.CreateDirectory(BarePath);
        await AskAsync(["init", "--quiet", "--bare", "--template=", "."], ct);
        try
        {
            await AskAsync([.. Fetch, "--depth=1", "--", address, commit], ct);
        }
        catch (GitRefusedException) when (name is null || !ObjectName().IsMatch(name))
        {
            // Older servers give only what a name leads to.
            await AskAsync([.. Fetch, "--", address, name is null ? "HEAD" : name], ct);
        }
        return await new GitRepository(BarePath).SnapshotAsync(commit, targetPath, new(SnapshotLimits.Usual.Entries, limits.Size), ct) is { IsOk: true } snapshot
            ? snapshot
            : await ExplainAsync(commit, targetPath, ct);
    }

    private static string[] Fetch => ["fetch", "--quiet", "--no-tags", "--no-recurse-submodules", "--no-write-fetch-head", "--no-auto-maintenance"];

    private async Task<Core.Diagnostics.Result<GitSnapshot>> ExplainAsync(string commit, string targetPath, CancellationToken ct)
    {
        if (await GitCommand.RunAsync(BarePath, ["cat-file", "-e", commit + "^{commit}"], ct) is null)
            throw new IOException($"'{address}' no longer has commit {commit[..10]}");
        return await new GitRepository(BarePath).SnapshotAsync(commit, targetPath, new(SnapshotLimits.Usual.Entries, limits.Size), ct);
    }

    /// <summary>Asks again, a little later each time, where the connection failed; a refusal is a refusal.</summary>
    private async Task<string> AskAsync(string[] arguments, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await AskOnceAsync(arguments, ct);
            }
            catch (GitRefusedException e) when (attempt < MaxTries && Passing().IsMatch(e.Message))
            {
                var wait = FirstPause * Math.Pow(3, attempt - 1);
                Reporter.Announce($"{e.Message}; trying again in {wait.TotalSeconds:0} s");
                await Task.Delay(wait, Clock, ct);
            }
        }
    }

    private async Task<string> AskOnceAsync(string[] arguments, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(limits.Patience);
        var asked = GitCommand.AskAsync(Prepare(arguments), deadline, ct);
        while (await Task.WhenAny(asked, Task.Delay(LookMilliseconds, ct)) != asked)
        {
            if (SizeOf(BarePath) > limits.Size.Bytes)
                await deadline.CancelAsync();
        }
        return await asked switch
        {
            null => throw new IOException($"'{address}' did not answer within {limits.Patience.TotalSeconds:0} s, or holds more than {limits.Size}"),
            { ExitCode: 0 } answer => answer.Output,
            var refused => throw new GitRefusedException($"'{address}': {refused.Complaint}"),
        };
    }

    private ProcessStartInfo Prepare(string[] arguments)
    {
        var protocol = Array.Find(Protocols, p => address.StartsWith(p + "://", StringComparison.Ordinal))
            ?? throw new ArgumentException($"'{address}' is no address that is spoken here");
        string[] settings = ["-c", "protocol.allow=never", "-c", $"protocol.{protocol}.allow=always", "-c", "submodule.recurse=false", "-c", "gc.auto=0", "-c", "http.followRedirects=initial"];
        var start = GitCommand.Prepare(Directory.Exists(BarePath) ? BarePath : scratchPath, [.. settings, .. arguments]);
        start.Environment["GIT_CONFIG_NOSYSTEM"] = "1";
        start.Environment["GIT_LFS_SKIP_SMUDGE"] = "1";
        start.Environment["GIT_CEILING_DIRECTORIES"] = scratchPath;
        if (protocol == "ssh")
            start.Environment["GIT_SSH_COMMAND"] = Environment.GetEnvironmentVariable("GIT_SSH_COMMAND") ?? "ssh -o BatchMode=yes";
        return start;
    }

    private static long SizeOf(string directory)
    {
        try
        {
            return Directory.Exists(directory) ? new DirectoryInfo(directory).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length) : 0;
        }
        catch (IOException)
        {
            // Git moves its files while we count; the next look counts again.
            return 0;
        }
    }

    private sealed class GitRefusedException(string message) : IOException(message);

    /// <summary>What git and the libraries below it say (in the language C) of networks and servers that fail for a while.</summary>
    [GeneratedRegex(
        "resolve host|failed to connect|couldn't connect|connection (reset|refused|closed|timed out)|timed out|empty reply|hung up|early EOF|RPC failed|transfer closed"
        + "|SSL_ERROR_SYSCALL|recv error|recv failure|non-properly terminated|returned error: (408|429|5[0-9][0-9])", RegexOptions.IgnoreCase)]
    private static partial Regex Passing();

    [GeneratedRegex("^[0-9a-f]{40,64}$")]
    private static partial Regex ObjectName();
}
