using System.Diagnostics;

namespace Pipeline.Kit;

/// <summary><c>pipeline serve</c> in a process of its own, on a free port of loopback.</summary>
public sealed class ServedRelease : IDisposable
{
    private readonly Process _process;

    private ServedRelease(Process process, string address, Task<string> log) => (_process, Address, Log) = (process, address, log);

    /// <summary>As the guest of QEMU's user network sees it.</summary>
    public string GuestAddress => Address.Replace("127.0.0.1", "10.0.2.2", StringComparison.Ordinal);

    /// <summary>With a slash at its end.</summary>
    public string Address { get; }

    /// <summary>What it said of its requests, once it has ended.</summary>
    public Task<string> Log { get; }

    public static async Task<ServedRelease> StartAsync(string directory, CancellationToken ct)
    {
        var process = Process.Start(new ProcessStartInfo(PipelineProcess.Dotnet, [PipelineProcess.Dll, "serve", directory, "--listen", "0"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        var log = process.StandardError.ReadToEndAsync(ct);
        var address = await process.StandardOutput.ReadLineAsync(ct);
        return address is null ? throw new InvalidOperationException($"nothing is served:\n{await log}") : new(process, address, log);
    }

    /// <summary>As a service manager does it: Ctrl-C's signal is ignored by all that a shell starts in its background, these tests too.</summary>
    /// <returns>How it ended.</returns>
    public async Task<int> StopAsync(CancellationToken ct)
    {
        Tool.Require("kill", "-TERM", $"{_process.Id}");
        await _process.WaitForExitAsync(ct);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }
}
