using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pipeline.Oci.Documents;

namespace Pipeline.Kit;

public sealed record FakeRequest(string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, string Body)
{
    public string? this[string header] => Headers.GetValueOrDefault(header.ToLowerInvariant());
}

/// <param name="CutAfter">The connection is closed after as many bytes of the body.</param>
public sealed record FakeResponse(int Status, byte[] Body, params (string Name, string Value)[] Headers)
{
    public int? CutAfter { get; init; }

    /// <summary>The connection is closed within the first word of the answer. (Before it, the client's library would quietly connect again.)</summary>
    public static FakeResponse Gone { get; } = Empty(0);

    public static FakeResponse Empty(int status, params (string Name, string Value)[] headers) => new(status, [], headers);
}

/// <summary>How the fake wants to be signed in to.</summary>
public enum FakeSignIn
{
    None,
    Basic,
    Bearer,
}

/// <summary>
/// The pull API over one layout, on a free port of loopback, spoken over bare TCP so that it can also break the protocol.
/// <see cref="Misbehave"/> is asked first about each request; null means an honest answer.
/// </summary>
public sealed class FakeRegistry : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _accepting;
    private int _tokens;

    public FakeRegistry(OciLayoutWriter layout)
    {
        Layout = layout;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public OciLayoutWriter Layout { get; }

    public string Host => $"127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}";

    public Dictionary<string, Descriptor> Tags { get; } = [];

    public ConcurrentQueue<FakeRequest> Requests { get; } = new();

    public Func<FakeRequest, FakeResponse?>? Misbehave { get; set; }

    public FakeSignIn SignIn { get; set; }

    /// <summary>What the sign-in wants; null lets anonymous callers have a token.</summary>
    public string? User { get; set; }

    public string Password { get; set; } = "";

    public string? IdentityToken { get; set; }

    public int Count(string method, string pathPart) => Requests.Count(r => r.Method == method && r.Path.Contains(pathPart, StringComparison.Ordinal));

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _accepting;
        _stop.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_stop.Token));
        }
        catch (Exception e) when (e is OperationCanceledException or SocketException or ObjectDisposedException)
        {
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            try
            {
                var stream = client.GetStream();
                var request = await ReadAsync(stream);
                if (request is null)
                    return;
                Requests.Enqueue(request);
                await WriteAsync(stream, request, Misbehave?.Invoke(request) ?? Answer(request));
            }
            catch (IOException)
            {
            }
        }
    }

    private FakeResponse Answer(FakeRequest request)
    {
        if (request.Path == "/token")
            return Token(request);
        if (SignIn == FakeSignIn.Basic && request["authorization"] != Basic())
            return FakeResponse.Empty(401, ("WWW-Authenticate", "Basic realm=\"fake, with comma\""));
        if (SignIn == FakeSignIn.Bearer && request["authorization"]?.StartsWith("Bearer token-", StringComparison.Ordinal) != true)
            return FakeResponse.Empty(401, ("WWW-Authenticate", Challenge()));
        var parts = request.Path.Split('/');
        return parts switch
        {
            [.., "tags", "list"] => new(200, JsonSerializer.SerializeToUtf8Bytes(new { tags = Tags.Keys })),
            [.., "manifests", var selector] => Manifest(selector),
            [.., "blobs", var digest] => Blob(digest, request["range"]),
            _ => FakeResponse.Empty(404),
        };
    }

    public string Challenge(string scope = "repository:team/system:pull") =>
        $"Negotiate, Bearer realm=\"http://{Host}/token\",service=\"fake, registry\",scope=\"{scope}\"";

    private FakeResponse Token(FakeRequest request)
    {
        var isAllowed = IdentityToken is not null
            ? request.Method == "POST" && request.Body.Contains("refresh_token=" + IdentityToken, StringComparison.Ordinal)
            : User is null || request["authorization"] == Basic();
        return isAllowed
            ? new(200, Encoding.UTF8.GetBytes($$"""{"token":"token-{{Interlocked.Increment(ref _tokens)}}","expires_in":300}"""))
            : FakeResponse.Empty(401);
    }

    private string Basic() => "Basic " + Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}"));

    private FakeResponse Manifest(string selector)
    {
        var digest = Tags.TryGetValue(selector, out var tagged) ? tagged.Digest.Text : selector;
        var path = PathOf(digest);
        if (!File.Exists(path))
            return FakeResponse.Empty(404);
        var bytes = File.ReadAllBytes(path);
        using var json = JsonDocument.Parse(bytes);
        return new(200, bytes, ("Content-Type", json.RootElement.GetProperty("mediaType").GetString()!), ("Docker-Content-Digest", digest));
    }

    private FakeResponse Blob(string digest, string? range)
    {
        if (!File.Exists(PathOf(digest)))
            return FakeResponse.Empty(404);
        var bytes = File.ReadAllBytes(PathOf(digest));
        if (range is null)
            return new(200, bytes);
        var from = int.Parse(range["bytes=".Length..^1]);
        return new(206, bytes[from..], ("Content-Range", $"bytes {from}-{bytes.Length - 1}/{bytes.Length}"));
    }

    private string PathOf(string digest) => Path.Combine(Layout.DirectoryPath, "blobs", digest.Replace(':', '/'));

    private static async Task WriteAsync(NetworkStream stream, FakeRequest request, FakeResponse response)
    {
        if (response == FakeResponse.Gone)
        {
            await stream.WriteAsync("HT"u8.ToArray());
            return;
        }
        var head = new StringBuilder($"HTTP/1.1 {response.Status} Fake\r\nConnection: close\r\nContent-Length: {response.Body.Length}\r\n");
        foreach (var (name, value) in response.Headers)
            head.Append($"{name}: {value}\r\n");
        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()));
        if (request.Method != "HEAD")
            await stream.WriteAsync(response.Body.AsMemory(0, response.CutAfter ?? response.Body.Length));
    }

    private static async Task<FakeRequest?> ReadAsync(NetworkStream stream)
    {
        var text = new StringBuilder();
        var one = new byte[1];
        while (!text.ToString().EndsWith("\r\n\r\n", StringComparison.Ordinal))
        {
            if (await stream.ReadAsync(one) == 0)
                return null;
            text.Append((char)one[0]);
        }
        var lines = text.ToString().Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var headers = lines.Skip(1).Select(l => l.Split(": ", 2)).ToDictionary(h => h[0].ToLowerInvariant(), h => h[1]);
        var body = new byte[int.Parse(headers.GetValueOrDefault("content-length", "0"))];
        await stream.ReadExactlyAsync(body);
        var target = lines[0].Split(' ')[1].Split('?', 2);
        return new(lines[0].Split(' ')[0], target[0], target.ElementAtOrDefault(1) ?? "", headers, Encoding.UTF8.GetString(body));
    }
}
