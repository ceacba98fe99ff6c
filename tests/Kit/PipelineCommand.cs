using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Pipeline.Kit;

/// <summary>Runs the real <c>pipeline</c>, as a user does: in a directory, without a terminal, with a cache of its own.</summary>
public sealed class PipelineCommand(string directory)
{
    private const int Terminate = 15;
    private const int Interrupt = 2;
    private const int MaxLooks = 15_000; // some minutes

    public Dictionary<string, string?> Environment { get; } = new(StringComparer.Ordinal)
    {
        ["XDG_CACHE_HOME"] = Path.Combine(directory, ".cache-of-test"),
        ["GITHUB_ACTIONS"] = null,
        ["NO_COLOR"] = null,
        ["SOURCE_DATE_EPOCH"] = null,
    };

    public ToolResult Run(params string[] arguments) => Tool.Run(Start(arguments));

    /// <summary>Sends a signal as soon as <paramref name="isReady"/>, and waits for the end.</summary>
    public ToolResult Interrupted(bool byTerminate, Func<bool> isReady, params string[] arguments)
    {
        var start = Start(arguments);
        // Shells start what runs in the background with SIGINT ignored, and children inherit that.
        start.ArgumentList.Insert(0, start.FileName);
        start.ArgumentList.Insert(0, "--default-signal=INT");
        start.FileName = "/usr/bin/env";
        start.RedirectStandardOutput = start.RedirectStandardError = true;
        using var process = Process.Start(start)!;
        var stdout = process.StandardOutput.ReadToEndAsync();
        var stderr = process.StandardError.ReadToEndAsync();
        for (var tries = 0; !isReady() && !process.HasExited && tries < MaxLooks; tries++)
            Thread.Sleep(20);
        if (Kill(process.Id, byTerminate ? Terminate : Interrupt) != 0)
            throw new InvalidOperationException($"process {process.Id} ended before it was interrupted");
        if (!process.WaitForExit(Tool.Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException("the signal did not end it");
        }
        return new(process.ExitCode, stdout.Result, stderr.Result);
    }

    private ProcessStartInfo Start(string[] arguments)
    {
        var program = Path.Combine(AppContext.BaseDirectory, "pipeline.dll");
        var start = new ProcessStartInfo(System.Environment.ProcessPath is { } host && Path.GetFileName(host) == "dotnet" ? host : "dotnet", [program, .. arguments])
        {
            WorkingDirectory = directory,
        };
        foreach (var (name, value) in Environment)
        {
            if (value is null)
                start.Environment.Remove(name);
            else
                start.Environment[name] = value;
        }
        return start;
    }

    [DllImport("libc", EntryPoint = "kill")]
    private static extern int Kill(int process, int signal);
}
