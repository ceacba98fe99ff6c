using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Pipeline.Core.Units;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Reconciling;
using Pipeline.Web.Hooks;
using Pipeline.Web.Pages;
using Pipeline.Web.Status;

namespace Pipeline.Web;

public sealed record ControllerSettings
{
    public required IPEndPoint Listen { get; init; }

    public required RoundLog Rounds { get; init; }

    public required WakeSignal Wake { get; init; }

    /// <summary>Between rounds; health is judged by it.</summary>
    public required TimeSpan Interval { get; init; }

    /// <summary>Null: there is no <c>/hooks/github</c>.</summary>
    public Secret? GitHubSecret { get; init; }

    /// <summary>Null: there is no <c>/hooks/registry</c>.</summary>
    public Secret? RegistrySecret { get; init; }

    /// <summary>What the pages show now; null where there are no pages.</summary>
    public Func<StatusModel>? Status { get; init; }

    /// <summary>The lists for other programs, by path.</summary>
    public Func<string, PageFile?> Lists { get; init; } = _ => null;

    public TimeProvider Clock { get; init; } = TimeProvider.System;
}

/// <summary>The face of a controller: pages, webhooks that ask for a round, <c>/healthz</c>, <c>/metrics</c>.</summary>
public sealed class ControllerServer : IAsyncDisposable
{
    /// <summary>GitHub's own limit.</summary>
    private const long MaxBodyBytes = 25 << 20;
    private const int MaxConnections = 500;
    private const string HooksPath = "/hooks/";

    private readonly WebApplication _server;
    private readonly ControllerSettings _settings;
    private readonly HookCounts _counts = new();
    private readonly PageRenderer _pages = new();
    private readonly Dictionary<string, Func<HttpRequest, Task<HookResult>>> _hooks = new(StringComparer.Ordinal);

    private ControllerServer(WebApplication server, ControllerSettings settings)
    {
        (_server, _settings) = (server, settings);
        if (settings.GitHubSecret is { } github)
            _hooks["github"] = new GitHubHook(github).ReceiveAsync;
        if (settings.RegistrySecret is { } registry)
            _hooks["registry"] = new RegistryHook(registry, settings.Clock).ReceiveAsync;
    }

    /// <summary><c>http://127.0.0.1:8080</c>, with the port that was given where 0 was asked for.</summary>
    public string Address => _server.Urls.First();

    /// <exception cref="IOException">The address is taken.</exception>
    public static async Task<ControllerServer> StartAsync(ControllerSettings settings, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(settings.Listen);
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MaxBodyBytes;
            kestrel.Limits.MaxConcurrentConnections = MaxConnections;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        });
        var server = new ControllerServer(builder.Build(), settings);
        server._server.Run(server.AnswerAsync);
        await server._server.StartAsync(ct);
        return server;
    }

    /// <summary>Answers what is under way, then ends.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _server.StopAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _server.DisposeAsync();
        await _pages.DisposeAsync();
    }

    private Task AnswerAsync(HttpContext context)
    {
        var path = context.Request.Path.Value ?? "";
        var isRead = context.Request.Method is "GET" or "HEAD";
        if (path.StartsWith(HooksPath, StringComparison.Ordinal) && _hooks.TryGetValue(path[HooksPath.Length..], out var receive))
            return context.Request.Method == "POST" ? HookAsync(context, path[HooksPath.Length..], receive) : WriteAsync(context, 405, "webhooks are posted");
        return path switch
        {
            "/healthz" when isRead => HealthAsync(context),
            "/metrics" when isRead => WriteAsync(context, 200, ControllerMetrics.Render(_settings.Rounds, _counts), PrometheusText.ContentType),
            _ when isRead && _settings.Lists(path[Math.Min(1, path.Length)..]) is { } list => SendAsync(context, 200, list),
            _ when isRead && _settings.Status is { } status => PageAsync(context, status(), path[Math.Min(1, path.Length)..]),
            _ => WriteAsync(context, 404, "there is nothing here"),
        };
    }

    private async Task PageAsync(HttpContext context, StatusModel model, string path)
    {
        var found = await _pages.RenderAsync(model, path);
        // Whoever types an address leaves the last slash out; links in the page are relative to it.
        if (found is null && await _pages.RenderAsync(model, path + "/") is not null)
        {
            context.Response.Headers.Location = path[(path.LastIndexOf('/') + 1)..] + "/";
            await WriteAsync(context, 301, "it is behind a slash");
            return;
        }
        var page = found ?? await _pages.RenderNotFoundAsync(model, path);
        var headers = context.Response.Headers;
        headers.ContentSecurityPolicy = page.Path.StartsWith("boards/", StringComparison.Ordinal) ? PagePolicy.Picture(page.Content.Span) : PagePolicy.Header;
        headers["Referrer-Policy"] = "no-referrer";
        await SendAsync(context, found is null ? 404 : 200, page);
    }

    /// <summary>Who follows the controller asks every few seconds, and mostly nothing is new.</summary>
    private static async Task SendAsync(HttpContext context, int status, PageFile page)
    {
        var tag = $"\"{Digest.Sha256(page.Content.Span).Hex}\"";
        context.Response.Headers.ETag = tag;
        if (status == 200 && context.Request.Headers.IfNoneMatch == tag)
            await WriteAsync(context, 304, ReadOnlyMemory<byte>.Empty, page.ContentType);
        else
            await WriteAsync(context, status, page.Content, page.ContentType);
    }

    private Task HealthAsync(HttpContext context)
    {
        var isAlive = _settings.Rounds.IsAlive(_settings.Interval);
        return WriteAsync(context, isAlive ? 200 : 503, isAlive ? "rounds happen" : "no round for more than two intervals");
    }

    private async Task HookAsync(HttpContext context, string sender, Func<HttpRequest, Task<HookResult>> receive)
    {
        try
        {
            var result = _counts.Count(sender, await receive(context.Request));
            if (result == HookResult.Accepted)
                _settings.Wake.Set();
            var (status, said) = result switch
            {
                HookResult.Accepted => (202, "a round follows"),
                HookResult.Ignored => (200, "nothing follows from that"),
                // A registry repeats what is not answered with success; GitHub never does.
                HookResult.Replayed => (sender == "registry" ? 200 : 409, "that came before"),
                _ => (401, "the signature or the secret is not right"),
            };
            await WriteAsync(context, status, said);
        }
        catch (BadHttpRequestException e)
        {
            _counts.Count(sender, HookResult.Refused);
            await WriteAsync(context, e.StatusCode, "the request cannot be read");
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            _counts.Count(sender, HookResult.Refused);
        }
    }

    private static Task WriteAsync(HttpContext context, int status, string text, string contentType = "text/plain; charset=utf-8") =>
        WriteAsync(context, status, Encoding.UTF8.GetBytes(text.EndsWith('\n') ? text : text + "\n"), contentType);

    private static async Task WriteAsync(HttpContext context, int status, ReadOnlyMemory<byte> bytes, string contentType)
    {
        context.Response.StatusCode = status;
        context.Response.Headers.CacheControl = context.Response.Headers.ETag.Count > 0 ? "no-cache" : "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        if (status == 304)
            return;
        (context.Response.ContentType, context.Response.ContentLength) = (contentType, bytes.Length);
        if (context.Request.Method != "HEAD")
            await context.Response.Body.WriteAsync(bytes, context.RequestAborted);
    }
}
