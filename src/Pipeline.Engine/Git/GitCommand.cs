using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Pipeline.Engine.Git;

/// <param name="Complaint">The line of standard error that says most, without a prefix such as <c>fatal: </c>; empty where there is none.</param>
internal sealed record GitAnswer(int ExitCode, string Output, string Complaint);

/// <summary>
/// Runs git for reading only: no pager, no prompt, no hook or monitor of the repository, no lock, none of the caller's
/// GIT_ variables, no objects in the place of others.
/// </summary>
internal static class GitCommand
{
    /// <summary>Far more than any answer we ask for; a longer one counts as none.</summary>
    private const int OutputLimitCharacters = 32 << 20;

    private const int ComplaintLimitCharacters = 300;
    private const string Fatal = "fatal: ";
    private const string CouldNotRead = "Could not read from remote repository.";

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Settings =
    [
        "--no-pager", "--literal-pathspecs", "--no-replace-objects", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false",
        "-c", "color.ui=false", "-c", "core.quotePath=false", "-c", "i18n.logOutputEncoding=UTF-8",
    ];

    /// <summary>Standard output, or null when git is not there, fails, or does not end in time.</summary>
    public static async Task<string?> RunAsync(string directory, IEnumerable<string> arguments, CancellationToken ct) =>
        await AskAsync(directory, arguments, ct) is { ExitCode: 0, Output: var output } ? output : null;

    /// <summary>Null when git is not there, says too much, or does not end in time.</summary>
    public static async Task<GitAnswer?> AskAsync(string directory, IEnumerable<string> arguments, CancellationToken ct)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        return await AskAsync(Prepare(directory, arguments), deadline, ct);
    }

    /// <param name="deadline">Linked to <paramref name="ct"/>; when it alone is over, the answer is null.</param>
    public static async Task<GitAnswer?> AskAsync(ProcessStartInfo start, CancellationTokenSource deadline, CancellationToken ct)
    {
        using var process = Launch(start);
        if (process is null)
            return null;
        try
        {
            process.StandardInput.Close();
            var complaints = ReadAsync(process.StandardError, deadline.Token);
            if (await ReadAsync(process.StandardOutput, deadline.Token) is not { } output)
                return null;
            var complaint = Complaint(await complaints ?? "");
            await process.WaitForExitAsync(deadline.Token);
            return new(process.ExitCode, output, complaint);
        }
        catch (OperationCanceledException) when (!ct.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    /// <summary>All three streams are redirected. Null when git is not there.</summary>
    public static Process? Start(string directory, IEnumerable<string> arguments) => Launch(Prepare(directory, arguments));

    public static ProcessStartInfo Prepare(string directory, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("git", [.. Settings, .. arguments])
        {
            WorkingDirectory = directory,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardOutputEncoding = Encoding.UTF8,
        };
        foreach (var name in start.Environment.Keys.Where(k => k.StartsWith("GIT_", StringComparison.Ordinal)).ToList())
            start.Environment.Remove(name);
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        start.Environment["LC_ALL"] = "C";
        return start;
    }

    private static Process? Launch(ProcessStartInfo start)
    {
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
    }

    /// <summary>What git gives up with; where that is only that it could not read, what was said before it. Advice comes last and says nothing.</summary>
    internal static string Complaint(string complaints)
    {
        var lines = complaints.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var end = Array.FindIndex(lines, l => l.StartsWith(Fatal, StringComparison.Ordinal));
        var line = end < 0 ? lines.LastOrDefault("") : end > 0 && lines[end] == Fatal + CouldNotRead ? lines[end - 1] : lines[end];
        foreach (var prefix in new[] { Fatal, "error: " })
            line = line.StartsWith(prefix, StringComparison.Ordinal) ? line[prefix.Length..] : line;
        return line.Length <= ComplaintLimitCharacters ? line : line[..ComplaintLimitCharacters] + "…";
    }

    private static async Task<string?> ReadAsync(StreamReader reader, CancellationToken ct)
    {
        var text = new StringBuilder();
        var buffer = new char[4096];
        for (int count; (count = await reader.ReadAsync(buffer, ct)) > 0;)
        {
            if (text.Length + count > OutputLimitCharacters)
                return null;
            text.Append(buffer, 0, count);
        }
        return text.ToString();
    }
}
