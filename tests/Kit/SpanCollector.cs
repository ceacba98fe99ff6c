using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Pipeline.Kit;

/// <summary>Takes spans by OTLP over HTTP, as a collector of OpenTelemetry does.</summary>
public sealed class SpanCollector : IDisposable
{
    private readonly WebApplication _server;
    private readonly ConcurrentQueue<byte[]> _bodies = new();

    public SpanCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        _server = builder.Build();
        _server.MapPost("/v1/traces", async (HttpRequest request) =>
        {
            using var body = new MemoryStream();
            await request.Body.CopyToAsync(body);
            _bodies.Enqueue(body.ToArray());
            return Results.Bytes([], "application/x-protobuf");
        });
        _server.Start();
    }

    public string Address => _server.Urls.First();

    /// <summary>Whether a name or value was in what came: texts stand as they are in protobuf.</summary>
    public bool Heard(string text) => _bodies.Any(b => b.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    public void Dispose() => _server.DisposeAsync().AsTask().GetAwaiter().GetResult();
}
