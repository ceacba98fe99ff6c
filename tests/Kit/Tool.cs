using System.Diagnostics;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>What a real tool answered. <see cref="Output"/> is standard output followed by standard error.</summary>
public sealed record ToolResult(int ExitCode, string Stdout, string Stderr)
{
    public string Output => Stdout + Stderr;
}

/// <summary>
/// Runs real tools as judges. A tool that is missing fails the test: <c>tests/run</c> installs every one of them, so a
/// skip would only hide that something was not judged.
/// </summary>
public static class Tool
{
    public static readonly TimeSpan Limit = TimeSpan.FromMinutes(15);

    public static ToolResult Run(string tool, params string[] arguments) => Run(new ProcessStartInfo(tool, arguments));

    public static ToolResult Run(ProcessStartInfo start, string? stdin = null)
    {
        start.RedirectStandardOutput = start.RedirectStandardError = start.RedirectStandardInput = true;
        // Debian keeps the judges of disks in /sbin, which an ordinary user's PATH lacks.
        if (start.Environment.TryGetValue("PATH", out var path) && !string.IsNullOrEmpty(path))
            start.Environment["PATH"] = path + ":/usr/sbin:/sbin";
        start.FileName = Resolve(start.FileName);
        start.Environment["LC_ALL"] = "C.UTF-8";
        using var process = Process.Start(start)!;
        process.StandardInput.Write(stdin);
        process.StandardInput.Close();
        var stdout = process.StandardOutput.ReadToEndAsync();
        var stderr = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{start.FileName} did not end within {Limit}");
        }
        return new(process.ExitCode, stdout.Result, stderr.Result);
    }

    /// <summary>Runs a tool that must end with 0, and gives its standard output.</summary>
    public static string Require(string tool, params string[] arguments)
    {
        var result = Run(tool, arguments);
        result.ExitCode.ShouldBe(0, $"{tool} {string.Join(' ', arguments)}\n{result.Output}");
        return result.Stdout;
    }

    private static string Resolve(string tool)
    {
        if (tool.Contains('/'))
            return tool;
        foreach (var folder in new[] { "/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin" })
        {
            if (File.Exists(Path.Combine(folder, tool)))
                return Path.Combine(folder, tool);
        }
        throw new InvalidOperationException($"the judge '{tool}' is not installed; tests/run installs it");
    }
}
