using System.Collections.Immutable;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text.Json;
using Pipeline.Core.Units;
using Pipeline.Oci.Documents;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>The real registry of Docker's distribution project (Debian's <c>docker-registry</c>) on a free port of loopback.</summary>
public sealed class DockerRegistry : IDisposable
{
    private static readonly HttpClient Client = new(new SocketsHttpHandler { UseProxy = false });
    private readonly TempDir _directory = new();
    private readonly Process _process;

    private DockerRegistry(int port)
    {
        Host = $"127.0.0.1:{port}";
        File.WriteAllText(_directory["config.yml"],
            $"version: 0.1\nlog:\n  level: error\nstorage:\n  filesystem:\n    rootdirectory: {_directory["data"]}\nhttp:\n  addr: {Host}\n");
        var start = new ProcessStartInfo("/usr/bin/docker-registry", ["serve", _directory["config.yml"]]) { RedirectStandardOutput = true, RedirectStandardError = true };
        File.Exists(start.FileName).ShouldBeTrue("the judge 'docker-registry' is not installed; tests/run installs it");
        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Host and port, as references name it.</summary>
    public string Host { get; }

    public static async Task<DockerRegistry> StartAsync(CancellationToken ct)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var registry = new DockerRegistry(port);
        for (var tries = 0; ; tries++)
        {
            try
            {
                (await Client.GetAsync($"http://{registry.Host}/v2/", ct)).EnsureSuccessStatusCode();
                return registry;
            }
            catch (HttpRequestException) when (tries < 200)
            {
                await Task.Delay(50, ct);
            }
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
        await RequireAsync(await Client.PutAsync($"http://{Host}/v2/{repository}/manifests/{tag}", body, ct), ct);
    }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        _directory.Dispose();
    }

    private async Task PushBlobAsync(OciLayoutWriter layout, Digest digest, string repository, CancellationToken ct)
    {
        var upload = await RequireAsync(await Client.PostAsync($"http://{Host}/v2/{repository}/blobs/uploads/", null, ct), ct);
        var target = new UriBuilder(upload.Headers.Location!);
        target.Query = $"{target.Query.TrimStart('?')}&digest={digest.Text}";
        var body = new ByteArrayContent(File.ReadAllBytes(layout.BlobPath(digest)));
        body.Headers.ContentType = new MediaTypeHeaderValue("application/octet-stream");
        await RequireAsync(await Client.PutAsync(target.Uri, body, ct), ct);
    }

    private static Descriptor Read(JsonElement entry) => new(
        entry.GetProperty("mediaType").GetString()!, Digest.Parse(entry.GetProperty("digest").GetString()!), entry.GetProperty("size").GetInt64(), ImmutableSortedDictionary<string, string>.Empty);

    private static async Task<HttpResponseMessage> RequireAsync(HttpResponseMessage response, CancellationToken ct)
    {
        response.IsSuccessStatusCode.ShouldBeTrue($"{response.RequestMessage!.RequestUri}: {response.StatusCode} {await response.Content.ReadAsStringAsync(ct)}");
        return response;
    }
}
