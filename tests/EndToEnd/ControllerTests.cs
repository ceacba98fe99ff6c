using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>The real program as a service: a registry tells it of a push, and a collector hears what it does.</summary>
public sealed class ControllerTests
{
    private const string Secret = "the registry tells this secret";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_push_to_the_registry_is_released_at_once_and_the_service_stops_gracefully()
    {
        var address = FreeAddress();
        using var registry = await DockerRegistry.StartAsync(Ct, told: new($"http://{address}/hooks/registry", Secret));
        using var fleet = new Fleet(registry);
        using var collector = new SpanCollector();
        fleet.AddImage("kiosk", "base");
        await PushAsync(fleet, "one");
        fleet.Program.Environment["PIPELINE_REGISTRY_WEBHOOK_SECRET"] = Secret;
        fleet.Program.Environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Address;
        fleet.Program.Environment["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
        using var service = fleet.Program.Start("reconcile", "--watch", "--interval", "1h", "--listen", address, "--repo", fleet.RootPath);
        var (stdout, stderr) = (service.StandardOutput.ReadToEndAsync(Ct), service.StandardError.ReadToEndAsync(Ct));
        await UntilAsync(() => fleet.Releases("kiosk").Length == 1);
        await PushAsync(fleet, "two");
        await UntilAsync(() => fleet.Releases("kiosk").Length == 2);
        using var client = new HttpClient();
        (await client.GetStringAsync($"http://{address}/metrics", Ct)).ShouldContain("pipeline_webhooks_total{sender=\"registry\",result=\"accepted\"}");
        (await client.GetAsync($"http://{address}/healthz", Ct)).StatusCode.ShouldBe(HttpStatusCode.OK);
        (await client.GetStringAsync($"http://{address}/", Ct)).ShouldContain("<a href=\"images/kiosk/\">kiosk</a>");
        (await client.GetStringAsync($"http://{address}/images/kiosk/", Ct)).ShouldContain("kiosk-plain.img");
        using var page = await client.GetAsync($"http://{address}/downloads/", Ct);
        page.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'");

        Tool.Require("kill", "-TERM", $"{service.Id}");
        await service.WaitForExitAsync(Ct);
        service.ExitCode.ShouldBe(130, await stdout + await stderr);
        (await stderr).ShouldContain($"listening at http://{address}");
        (await stdout + await stderr).ShouldNotContain(Secret);
        Scratch.Of(fleet).ShouldBeEmpty();
        string[] spans = ["round", "image", "kiosk", "Released"];
        spans.ShouldAllBe(s => collector.Heard(s));
        collector.Heard("never said").ShouldBeFalse();
    }

    [Fact]
    public async Task A_site_is_written_about_what_is_released()
    {
        using var registry = await DockerRegistry.StartAsync(Ct);
        using var fleet = new Fleet(registry);
        fleet.AddImage("kiosk", "base");
        await PushAsync(fleet, "one");
        (await fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0);
        using var temp = new TempDir();
        (await fleet.RunAsync(Ct, "site", "-o", temp["public"], "--title", "Our images")).ShouldEndWith(0).Stdout.ShouldContain("10 files in");
        File.ReadAllText(temp["public/index.html"]).ShouldContain("data-key=\"kiosk/plain/disk\" data-board=\"plain\" data-state=\"current\"");
        var image = File.ReadAllText(temp["public/images/kiosk/index.html"]);
        image.ShouldContain(Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(File.ReadAllBytes(Path.Combine(fleet.Latest("kiosk"), "kiosk-plain.img")))));
        image.ShouldContain("<div class=\"changelog card\"");
        File.ReadAllText(temp["public/boards/plain.svg"]).ShouldStartWith("<svg");
        File.ReadAllText(temp["public/images.json"]).ShouldContain("\"url\": null");
        (await fleet.RunAsync(Ct, "site", "-o", temp["public"], "--files-at", "https://example.org/files", "--updates")).ShouldEndWith(0);
        var version = Path.GetFileName(fleet.Latest("kiosk"));
        File.ReadAllText(temp["public/images.json"]).ShouldContain($"\"url\": \"https://example.org/files/kiosk/{version}/kiosk-plain.img\"");
        File.ReadAllText(temp["public/downloads/index.html"]).ShouldContain($"<a href=\"https://example.org/files/kiosk/{version}/kiosk-plain.img\">");
        ImagerJudge.Complaints(File.ReadAllBytes(temp["public/os_list.json"])).ShouldBeEmpty();
        Tool.Require("bash", "-c", $"cd '{temp["public/updates/kiosk/plain"]}' && sha256sum -c SHA256SUMS").ShouldBe($"kiosk-plain_{version}_x86-64.img: OK\n");
        Directory.EnumerateFiles(temp["public"], "*.new", SearchOption.AllDirectories).ShouldBeEmpty();
        (await fleet.RunAsync(Ct, "site", "-o", temp["public"], "--files-at", "example.org")).ShouldEndWith(2).Stderr.ShouldContain("expected an address such as");
    }

    [Theory]
    [InlineData("70000", "expected ADDRESS:PORT")]
    [InlineData("example.com:80", "expected ADDRESS:PORT")]
    public async Task An_address_that_is_none_is_refused(string listen, string complaint)
    {
        using var registry = await DockerRegistry.StartAsync(Ct);
        using var fleet = new Fleet(registry);
        var run = await fleet.RunAsync(Ct, "reconcile", "--watch", "--listen", listen);
        run.ShouldEndWith(2).Stderr.ShouldContain(complaint);
        fleet.Program.Environment["PIPELINE_GITHUB_WEBHOOK_SECRET"] = "short";
        run = await fleet.RunAsync(Ct, "reconcile", "--watch", "--listen", "127.0.0.1:0");
        run.ShouldEndWith(2).Stderr.ShouldContain("fewer than 16 characters");
        fleet.Program.Environment["PIPELINE_GITHUB_WEBHOOK_SECRET"] = "0123456789abcdef\n";
        run = await fleet.RunAsync(Ct, "reconcile", "--watch", "--listen", "127.0.0.1:0");
        run.ShouldEndWith(2).Stderr.ShouldContain("a space or a line break");
        run.Stderr.ShouldNotContain("0123456789abcdef");
    }

    private static Task PushAsync(Fleet fleet, string revision) =>
        fleet.Registry.PushAsync(fleet.Layout, fleet.System("linux/amd64", revision, 62), "base", "1", Ct);

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var tries = 0; !isSo(); tries++)
        {
            tries.ShouldBeLessThan(6000, "it never happened");
            await Task.Delay(100, Ct);
        }
    }

    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
