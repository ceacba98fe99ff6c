using Microsoft.Playwright;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Pages;

/// <summary>The same pages as plain files, below a folder of a web server, as GitHub Pages has them.</summary>
public sealed class SiteInBrowserTests(Browser browser) : IAsyncLifetime
{
    private static readonly string[] Lists = ["images.json", "os_list.json"];
    private readonly TempDir _temp = new();
    private PagesWorld _world = null!;
    private FileServer _server = null!;

    private string Address => _server.Address + "images/";

    public async ValueTask InitializeAsync()
    {
        _world = await PagesWorld.StartAsync(TestContext.Current.CancellationToken);
        await using var pages = new PageRenderer();
        foreach (var file in await pages.RenderAllAsync(_world.Written))
        {
            var path = _temp["images/" + file.Path];
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            await File.WriteAllBytesAsync(path, file.Content.ToArray());
        }
        // The lists for programs are none of the pages' work.
        foreach (var list in Lists)
            await File.WriteAllTextAsync(_temp["images/" + list], "{}");
        _server = await FileServer.StartAsync(_temp.Path, TestContext.Current.CancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        _server.Dispose();
        await _world.DisposeAsync();
        _temp.Dispose();
    }

    [Fact]
    public async Task Every_page_can_be_reached_and_every_link_leads_somewhere()
    {
        await using var visit = await browser.VisitAsync(Address, Looks.Phone);
        var (open, seen) = (new Queue<string>([""]), new HashSet<string>(StringComparer.Ordinal) { "" });
        while (open.TryDequeue(out var path))
        {
            var page = await visit.OpenAsync(path);
            if (Lists.Contains(path))
                continue;
            await visit.ShouldBeGoodAsync(path);
            (await page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('a[href*=\"#\"]')].filter(a => a.pathname === location.pathname && !document.getElementById(a.hash.slice(1))).map(a => a.href)"))
                .ShouldBeEmpty($"{path}: places on the page that are not there");
            foreach (var link in await page.EvaluateAsync<string[]>("() => [...document.links].map(a => a.origin + a.pathname)"))
            {
                if (link.StartsWith(Address, StringComparison.Ordinal) && seen.Add(link[Address.Length..]))
                    open.Enqueue(link[Address.Length..]);
                else if (!link.StartsWith(Address, StringComparison.Ordinal))
                    link.ShouldStartWith("https://github.com/acme/images/releases/");
            }
        }
        seen.Order(StringComparer.Ordinal).ShouldBe(["", "downloads/", "images.json", "images/demo/", "images/gateway/", "images/kiosk/", "images/lab/", "images/player/", "images/router/", "images/workstation/", "os_list.json"]);
    }

    [Fact]
    public async Task From_the_board_to_the_image_to_the_file_and_what_to_type()
    {
        await using var visit = await browser.VisitAsync(Address, Looks.Desktop);
        var page = await visit.OpenAsync("downloads/");
        await page.Context.GrantPermissionsAsync(["clipboard-read", "clipboard-write"]);
        await page.Locator("select[name=board]").SelectOptionAsync("raspberry-pi-4");
        (await page.Locator(".offer:visible").CountAsync()).ShouldBe(2);
        (await page.Locator("select[name=image] option:disabled").AllInnerTextsAsync()).Order(StringComparer.Ordinal).ShouldBe(["gateway", "router", "workstation"]);
        await page.Locator("select[name=image]").SelectOptionAsync("kiosk");
        var offer = page.Locator(".offer:visible");
        (await offer.CountAsync()).ShouldBe(1);
        page.Url.ShouldEndWith("downloads/?board=raspberry-pi-4&image=kiosk");
        (await offer.Locator(".file").First.InnerTextAsync()).ShouldStartWith("kiosk-raspberry-pi-4.img.zst 383.8 MiB");
        var sum = await offer.Locator(".sum code").First.InnerTextAsync();
        sum.Length.ShouldBe(64);
        await offer.Locator(".sum .copy").First.ClickAsync();
        (await page.EvaluateAsync<string>("() => navigator.clipboard.readText()")).ShouldBe(sum);
        // The steps of what was chosen are open by themselves.
        (await offer.Locator(".command code").AllInnerTextsAsync()).Select(t => t.Split('\n')[^1].Split(' ')[0])
            .ShouldBe(["curl", "sha256sum", "sudo", "zstd"]);
        await offer.Locator(".command .copy").Nth(1).ClickAsync();
        (await page.EvaluateAsync<string>("() => navigator.clipboard.readText()")).ShouldBe("sha256sum -c --ignore-missing SHA256SUMS");
        (await offer.Locator(".command .copy").Nth(1).InnerTextAsync()).ShouldStartWith("Copied");
        await visit.ShouldBeGoodAsync("with a choice");
        await page.GotoAsync(Address + "images/kiosk/");
        await page.GetByRole(AriaRole.Link, new() { Name = "Download", Exact = true }).ClickAsync();
        (await page.Locator(".offer:visible").CountAsync()).ShouldBe(3);
    }

    [Fact]
    public async Task What_is_written_once_follows_nobody()
    {
        await using var visit = await browser.VisitAsync(Address, Looks.Desktop);
        var page = await visit.OpenAsync("");
        (await page.Locator("nav[aria-label=Pages] a").AllInnerTextsAsync()).ShouldBe(["Status", "Downloads"]);
        (await page.Locator("#live").CountAsync()).ShouldBe(0);
        var requests = new List<string>();
        page.Request += (_, request) => requests.Add(request.Url);
        await Task.Delay(TimeSpan.FromSeconds(2), TestContext.Current.CancellationToken);
        requests.ShouldBeEmpty();
    }
}
