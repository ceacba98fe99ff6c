using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Pipeline.Kit;

/// <summary>Repositories over smart HTTP on loopback: git's own <c>http-backend</c> behind a small server.</summary>
public sealed class GitHttpServer : IDisposable
{
    private readonly HttpListener _listener = new();
    private readonly string _directory;
    private readonly Task _serving;

    /// <param name="directory">Holds the repositories.</param>
    public GitHttpServer(string directory)
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        Host = $"127.0.0.1:{((IPEndPoint)probe.LocalEndpoint).Port}";
        probe.Stop();
        _directory = directory;
        _listener.Prefixes.Add($"http://{Host}/");
        _listener.Start();
        _serving = ServeAsync();
    }

    public string Host { get; }

    /// <summary>How many of the next requests are answered with 503.</summary>
    public int Refusals { get; set; }

    /// <summary>What was asked for, as <c>GET /x/info/refs</c>.</summary>
    public List<string> Requests { get; } = [];

    public void Dispose()
    {
        _listener.Close();
        _serving.Wait(TimeSpan.FromSeconds(5));
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            try
            {
                var context = await _listener.GetContextAsync();
                lock (Requests)
                    Requests.Add($"{context.Request.HttpMethod} {context.Request.Url!.AbsolutePath}");
                if (Refusals-- > 0)
                    Refuse(context);
                else
                    await AnswerAsync(context);
            }
            catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private static void Refuse(HttpListenerContext context)
    {
        context.Response.StatusCode = 503;
        context.Response.Close();
    }

    private async Task AnswerAsync(HttpListenerContext context)
    {
        var request = context.Request;
        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        (string Name, string? Value)[] variables =
        [
            ("GIT_PROJECT_ROOT", _directory), ("GIT_HTTP_EXPORT_ALL", "1"), ("REQUEST_METHOD", request.HttpMethod), ("PATH_INFO", request.Url!.AbsolutePath),
            ("QUERY_STRING", request.Url.Query.TrimStart('?')), ("CONTENT_TYPE", request.ContentType), ("HTTP_CONTENT_ENCODING", request.Headers["Content-Encoding"]),
            ("GIT_PROTOCOL", request.Headers["Git-Protocol"]), ("REMOTE_ADDR", "127.0.0.1"),
        ];
        foreach (var (name, value) in variables.Where(v => v.Value is not null))
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        await request.InputStream.CopyToAsync(process.StandardInput.BaseStream);
        process.StandardInput.Close();
        using var output = new MemoryStream();
        await process.StandardOutput.BaseStream.CopyToAsync(output);
        await process.WaitForExitAsync();
        var bytes = output.ToArray();
        var end = bytes.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var line in Encoding.ASCII.GetString(bytes, 0, Math.Max(0, end)).Split("\r\n"))
        {
            var colon = line.IndexOf(':', StringComparison.Ordinal);
            if (line.StartsWith("Status:", StringComparison.Ordinal))
                context.Response.StatusCode = int.Parse(line.AsSpan(8, 3), System.Globalization.CultureInfo.InvariantCulture);
            else if (colon > 0)
                context.Response.Headers[line[..colon]] = line[(colon + 1)..].Trim();
        }
        await context.Response.OutputStream.WriteAsync(bytes.AsMemory(end + 4));
        context.Response.Close();
    }
}
