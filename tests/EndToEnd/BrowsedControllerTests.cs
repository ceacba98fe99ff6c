using System.Net;
using System.Net.Sockets;
using Microsoft.Playwright;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>The real program seen through a real browser: what it builds, what it releases, and what it writes as a site.</summary>
public sealed class BrowsedControllerTests(Browser browser)
{
    private const string Secret = "the registry tells this secret";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_push_is_seen_being_built_and_released_on_a_page_that_is_loaded_once()
    {
        var address = FreeAddress();
        using var registry = await DockerRegistry.StartAsync(Ct, told: new($"http://{address}/hooks/registry", Secret));
        using var fleet = new Fleet(registry);
        AddImages(fleet);
        await PushAsync(fleet, "base", "one");
        fleet.Program.Environment["PIPELINE_REGISTRY_WEBHOOK_SECRET"] = Secret;
        using var service = fleet.Program.Start("reconcile", "--watch", "--interval", "1h", "--listen", address, "--repo", fleet.RootPath);
        var (stdout, stderr) = (service.StandardOutput.ReadToEndAsync(Ct), service.StandardError.ReadToEndAsync(Ct));
        try
        {
            await AnswersAsync(address);
            await using var visit = await browser.VisitAsync($"http://{address}/", Looks.Desktop);
            var page = await visit.OpenAsync("");
            await page.EvaluateAsync("() => { window.marked = true; }");
            await WatchFirstRoundAsync(fleet, page);
            await PushAsync(fleet, "base", "two");
            await page.Locator("[data-key=kiosk] .released").Filter(new() { HasTextRegex = new(@"\d{8}\.1\b") }).WaitForAsync();
            (await page.EvaluateAsync<bool>("() => window.marked")).ShouldBeTrue("the page was not loaded again");
            await visit.ShouldBeGoodAsync("status");
            foreach (var path in new[] { "images/kiosk/", "images/full/", "images/broken/", "downloads/", "log/" })
            {
                await visit.OpenAsync(path);
                await visit.ShouldBeGoodAsync(path);
            }
            (await page.Locator(".log").InnerTextAsync()).ShouldContain("write kiosk-plain.img");
        }
        finally
        {
            Tool.Require("kill", "-TERM", $"{service.Id}");
            await service.WaitForExitAsync(Ct);
            TestContext.Current.TestOutputHelper?.WriteLine(await stdout + await stderr);
        }
    }

    [Fact]
    public async Task What_the_site_tells_people_to_type_is_right()
    {
        using var registry = await DockerRegistry.StartAsync(Ct);
        await using var github = FakeGitHub.Start();
        using var fleet = new Fleet(registry).PublishTo(github, keep: 2);
        fleet.AddImage("kiosk", "base", "");
        fleet.Write("images/kiosk/image.yaml", File.ReadAllText(Path.Combine(fleet.RootPath, "images/kiosk/image.yaml")).Replace("outputs: [disk]", "outputs: [{kind: disk, compression: zst}]", StringComparison.Ordinal));
        await PushAsync(fleet, "base", "one");
        (await fleet.RunAsync(Ct, "reconcile")).ShouldEndWith(0);
        using var temp = new TempDir();
        (await fleet.RunAsync(Ct, "site", "-o", temp["public/images"], "--title", "Our images")).ShouldEndWith(0);
        using var server = await FileServer.StartAsync(temp["public"], Ct);
        await using var visit = await browser.VisitAsync(server.Address + "images/", Looks.Desktop);
        var page = await visit.OpenAsync("downloads/?board=plain");
        await visit.ShouldBeGoodAsync("downloads");
        var steps = await page.Locator(".command code").AllInnerTextsAsync();
        steps.Count.ShouldBe(4);
        var (disk, cat) = (temp["disk.img"], steps[3].Replace("sudo dd of=/dev/sdX", $"dd of={temp["disk.img"]}", StringComparison.Ordinal).Replace(" status=progress", "", StringComparison.Ordinal));
        PipelineProcess.Bash($"mkdir {temp["d"]} && cd {temp["d"]} && set -e\n{steps[0]}\n{steps[1]}\n{cat}").ShouldContain("kiosk-plain.img.zst: OK");
        Tool.Require("sfdisk", "--json", disk).ShouldContain("\"label\": \"gpt\"");
        // Damaged on the way: the same words say so.
        PipelineProcess.Run(new("bash", ["-c", $"cd {temp["d"]} && echo x >> kiosk-plain.img.zst && {steps[1]}"])).ExitCode.ShouldNotBe(0);
        // Each link to a file is one.
        using var client = new HttpClient();
        foreach (var link in await page.Locator(".file a, a[href$='.json']").EvaluateAllAsync<string[]>("links => links.map(l => l.href)"))
            (await client.GetAsync(link, Ct)).StatusCode.ShouldBe(HttpStatusCode.OK, link);
    }

    /// <summary>One that builds when it is told to, one that does not fit its disk, one with a mistake, one that waits, and one like any other.</summary>
    private static void AddImages(Fleet fleet)
    {
        fleet.AddImage("kiosk", "base").AddImage("held", "base", "hold: {until: \"2099-01-01T00:00Z\"}\n");
        fleet.Write("images/broken/image.yaml", "description: Broken\nsource: [\n");
        fleet.Write("images/full/image.yaml", "description: Too large for its disk\nsource: command:build.sh\nboards: [plain]\n");
        fleet.Write("images/slow/image.yaml", "description: Waits for a sign\nsource: command:build.sh\nboards: [plain]\n");
        WriteScript(fleet, "full", "mkdir -p root/etc && head -c 30000000 /dev/urandom > root/etc/ballast && tar -cf \"$PIPELINE_OUTPUT\" -C root .");
        WriteScript(fleet, "slow", $"until [ -e '{Path.Combine(fleet.WholePath, "go")}' ]; do sleep 0.1; done; mkdir -p root/etc && tar -cf \"$PIPELINE_OUTPUT\" -C root .");
    }

    private static void WriteScript(Fleet fleet, string image, string line)
    {
        fleet.Write($"images/{image}/build.sh", $"#!/bin/sh\nset -e\ncd \"$PIPELINE_SCRATCH\"\n{line}\n");
        Tool.Require("chmod", "+x", Path.Combine(fleet.RootPath, $"images/{image}/build.sh"));
    }

    private static async Task WatchFirstRoundAsync(Fleet fleet, IPage page)
    {
        await page.Locator("[data-key='kiosk/plain/disk'][data-state=current]").WaitForAsync();
        await page.Locator("[data-key='full/plain/disk'][data-state=failed]").WaitForAsync();
        (await page.Locator("[data-key='held/plain/disk'] .because").First.InnerTextAsync()).ShouldContain("held until 2099-01-01");
        (await page.Locator("tr[data-key=broken]").GetAttributeAsync("data-state")).ShouldBe("invalid");
        await page.Locator("[data-key='slow/plain/disk'][data-state=building]").WaitForAsync();
        await page.Locator(".works li").Filter(new() { HasText = "run build.sh of slow" }).WaitForAsync();
        File.WriteAllText(Path.Combine(fleet.WholePath, "go"), "");
        await page.Locator("[data-key='slow/plain/disk'][data-state=current]").WaitForAsync();
        (await page.Locator("#news").InnerTextAsync()).ShouldContain("is current");
        await page.Locator(".round").Filter(new() { HasText = "5 images" }).WaitForAsync();
    }

    private static Task PushAsync(Fleet fleet, string repository, string revision) =>
        fleet.Registry.PushAsync(fleet.Layout, fleet.System("linux/amd64", revision, 62), repository, "1", Ct);

    private static async Task AnswersAsync(string address)
    {
        using var client = new HttpClient();
        for (var tries = 0; ; tries++)
        {
            try
            {
                await client.GetStringAsync($"http://{address}/", Ct);
                return;
            }
            catch (HttpRequestException) when (tries < 600)
            {
                await Task.Delay(100, Ct);
            }
        }
    }

    private static string FreeAddress()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener.LocalEndpoint.ToString()!;
    }
}
