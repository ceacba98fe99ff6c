using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>Who is told what is pushed.</summary>
public sealed record RegistryListener(string Address, string Secret);

/// <summary>
/// The real registry of Docker's distribution project (Debian's <c>docker-registry</c>) on a free port of loopback. It
/// writes down every request, and can be stopped and started again with what it holds.
/// </summary>
public sealed class DockerRegistry : IDisposable
{
    /// <summary>Who may enter a private registry, and what the registry is told about it.</summary>
    public const string User = "robot";
    public const string Password = "correct horse battery staple";

    /// <summary>Some minutes: on a busy machine all takes its time, and whoever has ended is seen to have.</summary>
    private const int MaxLooks = 6000;
    private const string Htpasswd = "robot:$2y$05$abcdefghijklmnopqrstuuFiPhXf1sVd3pCCRO.uVh34H/qI/ZsuS\n";

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly TempDir _directory = new();
    private readonly List<string> _log = [];
    private Process? _process;

    private DockerRegistry(int port, bool isPrivate, RegistryListener? listener)
    {
        Host = $"127.0.0.1:{port}";
        var config = $"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {_directory["data"]}\n  delete:\n    enabled: true\nhttp:\n  addr: {Host}\n";
        if (isPrivate)
        {
            File.WriteAllText(_directory["htpasswd"], Htpasswd);
            config += $"auth:\n  htpasswd:\n    realm: private\n    path: {_directory["htpasswd"]}\n";
            _client.DefaultRequestHeaders.Authorization = new("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes($"{User}:{Password}")));
        }
        if (listener is not null)
            config += $"notifications:\n  endpoints:\n    - name: controller\n      url: {listener.Address}\n      headers:\n        Authorization: ['Bearer {listener.Secret}']\n      timeout: 2s\n      threshold: 3\n      backoff: 1s\n";
        File.WriteAllText(_directory["config.yml"], config);
    }

    /// <summary>Host and port, as references name it.</summary>
    public string Host { get; }

    public static async Task<DockerRegistry> StartAsync(CancellationToken ct, bool isPrivate = false, RegistryListener? told = null)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var registry = new DockerRegistry(port, isPrivate, told);
        await registry.RestartAsync(ct);
        return registry;
    }

    public async Task RestartAsync(CancellationToken ct)
    {
        Stop();
        var start = new ProcessStartInfo("/usr/bin/docker-registry", ["serve", _directory["config.yml"]]) { RedirectStandardOutput = true, RedirectStandardError = true };
        File.Exists(start.FileName).ShouldBeTrue("the judge 'docker-registry' is not installed; tests/run installs it");
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, line) => Keep(line.Data);
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        for (var tries = 0; ; tries++)
        {
            try
            {
                (await _client.GetAsync($"http://{Host}/v2/", ct)).EnsureSuccessStatusCode();
                return;
            }
            catch (HttpRequestException) when (tries < MaxLooks)
            {
                _process.HasExited.ShouldBeFalse("the registry ended; another process may have its port");
                await Task.Delay(50, ct);
            }
        }
    }

    /// <summary>Nobody listens any more; what it holds stays.</summary>
    public void Stop()
    {
        if (_process is null)
            return;
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _process = null;
    }

    /// <summary>Throws away what no manifest names, as its owner does by night. It must be started again afterwards.</summary>
    public void CollectGarbage()
    {
        Stop();
        Tool.Require("docker-registry", "garbage-collect", _directory["config.yml"]);
    }

    /// <summary>The requests since the last call, as <c>HEAD /v2/…</c>, in the order in which they were answered.</summary>
    public async Task<IReadOnlyList<string>> TakeRequestsAsync(CancellationToken ct)
    {
        // A line is written after its answer was sent: a request of our own is the last of them.
        var mark = $"/v2/mark-{Guid.NewGuid():n}/tags/list";
        using var answer = await _client.GetAsync($"http://{Host}{mark}", ct);
        for (var tries = 0; ; tries++)
        {
            lock (_log)
            {
                if (_log.FindIndex(l => l.EndsWith(mark, StringComparison.Ordinal)) is >= 0 and var at)
                {
                    var taken = _log[..at];
                    _log.RemoveRange(0, at + 1);
                    return taken;
                }
            }
            tries.ShouldBeLessThan(MaxLooks, "the registry writes no log of requests");
            await Task.Delay(20, ct);
        }
    }

    /// <summary>Pushes an image or index of a layout and all it refers to, byte for byte, whatever the media types.</summary>
    public async Task PushAsync(OciLayoutWriter layout, Descriptor image, string repository, string tag, CancellationToken ct)
    {
        using var json = JsonDocument.Parse(File.ReadAllBytes(layout.BlobPath(image.Digest)));
        if (json.RootElement.TryGetProperty("manifests", out var manifests))
        {
            foreach (var entry in manifests.EnumerateArray().Select(Read))
                await PushAsync(layout, entry, repository, entry.Digest.Text, ct);
        }
        else
        {
            foreach (var blob in json.RootElement.GetProperty("layers").EnumerateArray().Append(json.RootElement.GetProperty("config")).Select(Read))
                await PushBlobAsync(layout, blob.Digest, repository, ct);
        }
        var body = new ByteArrayContent(File.ReadAllBytes(layout.BlobPath(image.Digest)));
        body.Headers.ContentType = new MediaTypeHeaderValue(image.MediaType);
        await RequireAsync(await _client.PutAsync($"http://{Host}/v2/{repository}/manifests/{tag}", body, ct), ct);
    }

    public void Dispose()
    {
        Stop();
        _client.Dispose();
        _directory.Dispose();
    }

    /// <summary>Keeps what stands in the quotes of the common log format: <c>"HEAD /v2/… HTTP/1.1"</c>.</summary>
    private void Keep(string? line)
    {
        if (line?.Split('"') is not [_, var request, ..] || request.LastIndexOf(" HTTP/", StringComparison.Ordinal) is not (> 0 and var end))
            return;
        lock (_log)
            _log.Add(request[..end]);
    }

    private async Task PushBlobAsync(OciLayoutWriter layout, Digest digest, string repository, CancellationToken ct)
    {
        var upload = await RequireAsync(await _client.PostAsync($"http://{Host}/v2/{repository}/blobs/uploads/", null, ct), ct);
        var target = new UriBuilder(upload.Headers.Location!);
        target.Query = $"{target.Query.TrimStart('?')}&digest={digest.Text}";
        var body = new ByteArrayContent(File.ReadAllBytes(layout.BlobPath(digest)));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        await RequireAsync(await _client.PutAsync(target.Uri, body, ct), ct);
    }

    private static Descriptor Read(JsonElement entry) => new(
        entry.GetProperty("mediaType").GetString()!, Digest.Parse(entry.GetProperty("digest").GetString()!), entry.GetProperty("size").GetInt64(), ImmutableSortedDictionary<string, string>.Empty);

    private static async Task<HttpResponseMessage> RequireAsync(HttpResponseMessage response, CancellationToken ct)
    {
        response.IsSuccessStatusCode.ShouldBeTrue($"{response.RequestMessage!.RequestUri}: {response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}");
        return response;
    }
}
