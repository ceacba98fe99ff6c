using System.Diagnostics;

namespace Pipeline.Kit;

/// <summary>A plain web server of a directory: Python's own, on a free port of loopback. It knows nothing of our pages.</summary>
public sealed class FileServer : IDisposable
{
    private const string Script = "import http.server,sys,functools\nh=functools.partial(http.server.SimpleHTTPRequestHandler,directory=sys.argv[1])\nh.func.log_message=lambda *a: None\n"
        + "s=http.server.ThreadingHTTPServer(('127.0.0.1',0),h)\nprint(s.server_port,flush=True)\ns.serve_forever()";

    private readonly Process _process;

    private FileServer(Process process, string port) => (_process, Address) = (process, $"http://127.0.0.1:{port}/");

    public string Address { get; }

    public static async Task<FileServer> StartAsync(string directory, CancellationToken ct)
    {
        var process = Process.Start(new ProcessStartInfo("python3", ["-c", Script, directory]) { RedirectStandardOutput = true })!;
        return new(process, await process.StandardOutput.ReadLineAsync(ct) ?? throw new InvalidOperationException("python3 serves nothing"));
    }

    public void Dispose()
    {
        _process.Kill();
        _process.Dispose();
    }
}
