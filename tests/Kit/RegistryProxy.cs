using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Kit;

/// <summary>
/// A door before a real registry, on a free port of loopback: it counts what passes, can make it wait, and can turn it away
/// or damage it. A request is called <c>GET /v2/…</c>.
/// </summary>
public sealed class RegistryProxy : IAsyncDisposable
{
    private readonly WebApplication _server;
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false }) { Timeout = Timeout.InfiniteTimeSpan };
    private readonly string _registry;

    private RegistryProxy(WebApplication server, string registry)
    {
        (_server, _registry) = (server, registry);
        server.Run(HandleAsync);
        server.Start();
        Host = new Uri(server.Urls.First()).Authority;
    }

    /// <summary>As references name it.</summary>
    public string Host { get; }

    public ConcurrentQueue<string> Requests { get; } = new();

    /// <summary>Awaited before a request is passed on.</summary>
    public Func<string, CancellationToken, Task> Before { get; set; } = (_, _) => Task.CompletedTask;

    /// <summary>A status to answer with in place of the registry; null passes the request on.</summary>
    public Func<string, int?> Refuse { get; set; } = _ => null;

    /// <summary>Whether the last byte of an answer is another one than the registry's.</summary>
    public Func<string, bool> Damage { get; set; } = _ => false;

    public static RegistryProxy Start(DockerRegistry registry)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0);
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Limits.MinRequestBodyDataRate = null;
        });
        // What hangs in Before ends with its connection; nobody waits for it.
        builder.WebHost.UseShutdownTimeout(TimeSpan.Zero);
        return new(builder.Build(), registry.Host);
    }

    /// <summary>Whoever asks for one of these blobs waits until he gives up, or until the test says so.</summary>
    /// <returns>Done when somebody waits.</returns>
    public Task HoldAsync(IReadOnlyList<string> digests, Task until)
    {
        var waits = new TaskCompletionSource();
        Before = async (request, ct) =>
        {
            if (!request.StartsWith("GET", StringComparison.Ordinal) || !digests.Any(d => request.EndsWith(d, StringComparison.Ordinal)))
                return;
            waits.TrySetResult();
            await until.WaitAsync(ct);
        };
        return waits.Task;
    }

    /// <summary>The requests since the last call, in the order in which they came.</summary>
    public IReadOnlyList<string> Take()
    {
        var taken = new List<string>();
        while (Requests.TryDequeue(out var request))
            taken.Add(request);
        return taken;
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        _client.Dispose();
    }

    private async Task HandleAsync(HttpContext context)
    {
        var name = $"{context.Request.Method} {context.Request.Path}";
        var ct = context.RequestAborted;
        Requests.Enqueue(name);
        try
        {
            await Before(name, ct);
            if (Refuse(name) is { } status)
                context.Response.StatusCode = status;
            else
                await PassAsync(context, Damage(name), ct);
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or HttpRequestException)
        {
            context.Abort();
        }
    }

    private async Task PassAsync(HttpContext context, bool damage, CancellationToken ct)
    {
        using var request = Request(context.Request);
        using var answer = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, ct);
        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var (key, values) in answer.Headers.Concat(answer.Content.Headers).Where(h => h.Key is not ("Transfer-Encoding" or "Connection")))
            context.Response.Headers[key] = values.ToArray();
        context.Features.Get<IHttpResponseBodyFeature>()!.DisableBuffering();
        if (context.Request.Method == "HEAD")
            return;
        if (!damage)
        {
            await answer.Content.CopyToAsync(context.Response.Body, ct);
            return;
        }
        var bytes = await answer.Content.ReadAsByteArrayAsync(ct);
        bytes[^1] ^= 1;
        await context.Response.Body.WriteAsync(bytes, ct);
    }

    /// <summary>The host stays the one that was asked for, so that the addresses in answers lead here too.</summary>
    private HttpRequestMessage Request(HttpRequest from)
    {
        var request = new HttpRequestMessage(new(from.Method), $"http://{_registry}{from.Path}{from.QueryString}") { Headers = { Host = Host } };
        if (from.ContentLength is not null || from.Headers.TransferEncoding.Count > 0)
            request.Content = new StreamContent(from.Body);
        foreach (var (key, values) in from.Headers.Where(h => h.Key is not ("Host" or "Transfer-Encoding" or "Connection")))
        {
            if (!request.Headers.TryAddWithoutValidation(key, values.ToArray()))
                request.Content?.Headers.TryAddWithoutValidation(key, values.ToArray());
        }
        return request;
    }
}
