using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace Pipeline.Web.Releases;

/// <summary>One request that was answered.</summary>
/// <param name="Bytes">Of the body as it was meant to be; null where there was none.</param>
public sealed record ServedRequest(string Client, string Method, string Path, int Status, long? Bytes);

/// <summary>
/// A small HTTP server of one folder: GET and HEAD, ranges, entity tags. For machines that boot over the network; it has
/// no TLS, because most of their firmware has none.
/// </summary>
public sealed class ReleaseServer : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);
    private readonly WebApplication _application;

    private ReleaseServer(WebApplication application) => _application = application;

    /// <summary>Where it listens, such as <c>http://127.0.0.1:8080/</c>: with the port that was chosen where none was asked for.</summary>
    public required Uri Address { get; init; }

    /// <param name="told">Called after each request, by several threads.</param>
    /// <exception cref="IOException">The address is taken.</exception>
    /// <exception cref="System.Net.Sockets.SocketException">It is none of this machine's, or not for this user.</exception>
    public static async Task<ReleaseServer> StartAsync(ServedFolder folder, IPEndPoint listen, Action<ServedRequest> told, CancellationToken ct)
    {
        var builder = WebApplication.CreateEmptyBuilder(new());
        builder.Logging.ClearProviders();
        builder.Services.AddRoutingCore();
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = Patience);
        builder.WebHost.UseKestrelCore();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Nothing is taken in but requests.
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Listen(listen, o => o.Protocols = HttpProtocols.Http1);
        });
        var application = builder.Build();
        application.Run(context => AnswerAsync(folder, context, told));
        await application.StartAsync(ct);
        var bound = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();
        return new(application) { Address = new(bound.EndsWith('/') ? bound : bound + "/") };
    }

    /// <summary>Until it is told to stop; downloads under way get a moment to end.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        var stopped = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var registration = ct.Register(stopped.SetResult);
        await stopped.Task;
        await _application.StopAsync(CancellationToken.None);
    }

    public ValueTask DisposeAsync() => _application.DisposeAsync();

    private static async Task AnswerAsync(ServedFolder folder, HttpContext context, Action<ServedRequest> told)
    {
        var (request, response) = (context.Request, context.Response);
        try
        {
            await (Find(folder, request) is { } answer ? answer.ExecuteAsync(context) : FailAsync(response, request));
        }
        catch (Exception e) when (e is OperationCanceledException or IOException)
        {
            // Who downloads went away, or the disk failed in the middle: the connection ends, and says so by its length.
            context.Abort();
        }
        var client = context.Connection.RemoteIpAddress?.ToString() ?? "?";
        told(new(client, request.Method, Printable(request.Path.Value ?? ""), response.StatusCode, response.ContentLength));
    }

    private static IResult? Find(ServedFolder folder, HttpRequest request)
    {
        if (!HttpMethods.IsGet(request.Method) && !HttpMethods.IsHead(request.Method))
            return null;
        var name = (request.Path.Value ?? "").TrimStart('/');
        if (name.Length == 0)
            return Results.Text(string.Concat(folder.Names().Select(n => n + "\n")));
        if (folder.Find(name) is not { } file)
            return name == BootScript.Name && Scripts(folder, request.Host.Value ?? "") is { } script ? Results.Text(script) : null;
        var tag = folder.DigestOf(name) is { } digest ? digest.Hex : $"{file.Length:x}-{file.LastWriteTimeUtc.Ticks:x}";
        request.HttpContext.Response.Headers.XContentTypeOptions = "nosniff";
        var entityTag = new EntityTagHeaderValue($"\"{tag}\"");
        if (!IsRangeMeant(request))
            request.Headers.Remove(HeaderNames.Range);
        // A pipe has no length either, and who opens one waits for somebody to write.
        return file.Length == 0
            ? Results.Bytes([], MediaType.Of(name), null, enableRangeProcessing: true, file.LastWriteTimeUtc, entityTag)
            : Results.File(file.FullName, MediaType.Of(name), null, file.LastWriteTimeUtc, entityTag, enableRangeProcessing: true);
    }

    /// <summary>
    /// Whether a part may be sent (RFC 9110, sections 13.1.5 and 14.2): to GET only, of bytes only, and not to whoever names a
    /// state that cannot be read: with it, parts of two releases would become one file.
    /// </summary>
    private static bool IsRangeMeant(HttpRequest request) =>
        HttpMethods.IsGet(request.Method)
        && request.Headers.Range.ToString().StartsWith("bytes=", StringComparison.OrdinalIgnoreCase)
        && (request.Headers.IfRange.Count == 0 || RangeConditionHeaderValue.TryParse(request.Headers.IfRange.ToString(), out _));

    private static string? Scripts(ServedFolder folder, string host) =>
        BootScript.Text(host, [.. folder.Names().Where(n => n.EndsWith(BootScript.Ending, StringComparison.Ordinal))]);

    private static Task FailAsync(HttpResponse response, HttpRequest request)
    {
        var isRead = HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method);
        response.StatusCode = isRead ? StatusCodes.Status404NotFound : StatusCodes.Status405MethodNotAllowed;
        if (!isRead)
            response.Headers.Allow = "GET, HEAD";
        return Task.CompletedTask;
    }

    /// <summary>A path is a stranger's: it must not write to the terminal.</summary>
    private static string Printable(string path) => string.Concat(path.Take(200).Select(c => char.IsControl(c) ? '?' : c));
}
