using System.Diagnostics;
using System.Text.RegularExpressions;

namespace Pipeline.Kit;

/// <summary>A web server of a folder that is not ours (python3), on a free port of loopback.</summary>
public sealed partial class StaticServer : IDisposable
{
    private readonly Process _process;

    private StaticServer(Process process, string address) => (_process, Address) = (process, address);

    /// <summary>With a slash at its end.</summary>
    public string Address { get; }

    public static async Task<StaticServer> StartAsync(string directory, CancellationToken ct)
    {
        var process = Process.Start(new ProcessStartInfo("python3", ["-u", "-m", "http.server", "0", "--bind", "127.0.0.1", "--directory", directory]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.ErrorDataReceived += (_, _) => { };
        process.BeginErrorReadLine();
        var line = await process.StandardOutput.ReadLineAsync(ct) ?? "";
        return Port().Match(line) is { Success: true } port ? new(process, $"http://127.0.0.1:{port.Groups[1].Value}/") : throw new InvalidOperationException($"nothing is served: {line}");
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
    }

    [GeneratedRegex("port ([0-9]+)")]
    private static partial Regex Port();
}
