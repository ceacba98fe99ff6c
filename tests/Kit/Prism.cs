using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Pipeline.Kit;

/// <summary>
/// Stoplight's Prism (npm) serving GitHub's description: another's judge of our requests, with the description's own
/// examples as answers. It gets the part of the description that we use, because all of it takes it a quarter of a minute.
/// </summary>
public sealed partial class Prism : IDisposable
{
    private readonly TempDir _directory = new();
    private readonly Process _process;

    private Prism(int port)
    {
        Address = $"http://127.0.0.1:{port}";
        var description = _directory["github.json"];
        File.WriteAllText(description, Part(File.ReadAllText(Npm.File("@octokit/openapi", "generated/api.github.com.json"))));
        _process = Process.Start(new ProcessStartInfo(Npm.Node, [Npm.File("@stoplight/prism-cli", "dist/index.js"), "mock", "--port", $"{port}", "--errors", description])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Address { get; }

    public static async Task<Prism> StartAsync(CancellationToken ct)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        listener.Stop();
        var prism = new Prism(port);
        using var client = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            try
            {
                using var answer = await client.GetAsync(prism.Address, ct);
                return prism;
            }
            catch (HttpRequestException) when (tries < 600 && !prism._process.HasExited)
            {
                await Task.Delay(100, ct);
            }
        }
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _directory.Dispose();
    }

    private static string Part(string whole)
    {
        var json = JsonNode.Parse(whole)!.AsObject();
        var paths = json["paths"]!.AsObject();
        foreach (var path in paths.Select(p => p.Key).Where(p => !Used().IsMatch(p)).ToList())
            paths.Remove(path);
        json.Remove("x-webhooks");
        foreach (var response in paths.SelectMany(p => p.Value!.AsObject()).SelectMany(o => o.Value?["responses"]?.AsObject() ?? []))
            response.Value!.AsObject().Remove("headers"); // the examples of links lead to github.com
        var components = json["components"]!.AsObject();
        var needed = new HashSet<string>(StringComparer.Ordinal);
        var open = new Queue<string>(References(paths.ToJsonString()));
        while (open.TryDequeue(out var reference))
        {
            if (!needed.Add(reference) || reference.Split('/') is not [_, _, var kind, var name])
                continue;
            foreach (var inner in References(components[kind]![name]!.ToJsonString()))
                open.Enqueue(inner);
        }
        foreach (var kind in components.Where(k => k.Key != "securitySchemes"))
        {
            foreach (var name in kind.Value!.AsObject().Select(c => c.Key).Where(n => !needed.Contains($"#/components/{kind.Key}/{n}")).ToList())
                kind.Value.AsObject().Remove(name);
        }
        return json.ToJsonString();
    }

    private static IEnumerable<string> References(string text) => Reference().Matches(text).Select(m => m.Groups[1].Value);

    [GeneratedRegex(@"^/repos/\{owner}/\{repo}/(releases($|/)|git/(matching-refs|refs)/)")]
    private static partial Regex Used();

    [GeneratedRegex("\"\\$ref\":\"([^\"]+)\"")]
    private static partial Regex Reference();
}
