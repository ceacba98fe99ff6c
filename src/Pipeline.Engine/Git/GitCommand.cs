using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Pipeline.Engine.Git;

/// <summary>
/// Runs git for reading only: no pager, no prompt, no hook or monitor of the repository, no lock, none of the caller's
/// GIT_ variables.
/// </summary>
internal static class GitCommand
{
    /// <summary>Far more than any answer we ask for; a longer one counts as none.</summary>
    private const int OutputLimitCharacters = 16 << 20;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private static readonly string[] Settings =
    [
        "--no-pager", "--literal-pathspecs", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-c", "color.ui=false",
        "-c", "core.quotePath=false", "-c", "i18n.logOutputEncoding=UTF-8",
    ];

    /// <summary>Standard output, or null when git is not there, fails, or does not end in time.</summary>
    public static async Task<string?> RunAsync(string directory, IEnumerable<string> arguments, CancellationToken ct)
    {
        using var process = Start(directory, arguments);
        if (process is null)
            return null;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(ct);
        deadline.CancelAfter(Patience);
        try
        {
            process.StandardInput.Close();
            var complaints = process.StandardError.ReadToEndAsync(deadline.Token);
            if (await ReadAsync(process.StandardOutput, deadline.Token) is not { } output)
                return null;
            await complaints;
            await process.WaitForExitAsync(deadline.Token);
            return process.ExitCode == 0 ? output : null;
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

    private static Process? Start(string directory, IEnumerable<string> arguments)
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
        try
        {
            return Process.Start(start);
        }
        catch (Win32Exception)
        {
            return null;
        }
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
