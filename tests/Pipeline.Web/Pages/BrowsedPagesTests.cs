using Microsoft.Playwright;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Pages;

/// <summary>The pages of a controller as people meet them, in a real browser.</summary>
public sealed class BrowsedPagesTests(Browser browser, PagesWorldFixture fixture) : IClassFixture<PagesWorldFixture>
{
    private static readonly string[] Paths = ["", "downloads/", "log/", "images/kiosk/", "images/player/", "images/demo/", "images/workstation/"];

    private PagesWorld World => fixture.World;

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(true, true)]
    public async Task Every_page_is_accessible_fits_and_has_nothing_to_complain_of(bool isDark, bool isPhone)
    {
        await using var visit = await browser.VisitAsync(World.Address, (isPhone ? Looks.Phone : Looks.Desktop) with { IsDark = isDark, Now = World.Now });
        foreach (var path in Paths)
        {
            var page = await visit.OpenAsync(path);
            foreach (var folded in await page.Locator("details").AllAsync())
                await folded.EvaluateAsync("e => e.open = true");
            await visit.ShouldBeGoodAsync(path);
        }
    }

    [Fact]
    public async Task The_judges_of_pages_can_say_no()
    {
        await using var visit = await browser.VisitAsync(World.Address, Looks.Phone);
        var page = await visit.OpenAsync("");
        await page.EvaluateAsync("""
            () => {
              // Beside what the page renews by itself.
              document.querySelector('footer').insertAdjacentHTML('afterbegin', '<button></button><div id="wide">x</div><img src="assets/none.png">');
              document.getElementById('wide').style.width = '999px';
              document.querySelector('footer p').style.color = '#ccc';
              setTimeout(() => { throw new Error('planted'); });
            }
            """);
        var said = await Axe.JudgeAsync(page);
        foreach (var rule in new[] { "button-name", "image-alt", "color-contrast" })
            said.ShouldContain(line => line.StartsWith(rule, StringComparison.Ordinal));
        (await visit.TooWideAsync()).ShouldContain(line => line.StartsWith("div. reaches", StringComparison.Ordinal));
        await UntilAsync(() => Task.FromResult(visit.Complaints.Any(c => c.Contains("planted", StringComparison.Ordinal)) && visit.Complaints.Any(c => c.StartsWith("404", StringComparison.Ordinal))));
        Picture.Complaint(await BlankAsync(page)).ShouldNotBeNull();
        Picture.Complaint([1, 2, 3]).ShouldNotBeNull();
    }

    [Fact]
    public async Task The_status_has_every_image_for_every_board_with_its_state_and_why()
    {
        await using var visit = await browser.VisitAsync(World.Address, Looks.Desktop with { Now = World.Now });
        var page = await visit.OpenAsync("");
        (await StatesAsync(page)).ShouldBe(
        [
            "demo: invalid", "gateway/rock-5b/disk: current", "gateway/rockpro64/disk: current",
            "kiosk/raspberry-pi-4/disk: building", "kiosk/raspberry-pi-5/disk: building", "kiosk/uefi-x86_64/disk: building",
            "lab/uefi-x86_64/disk: suspended", "player/raspberry-pi-4/disk: failed", "player/raspberry-pi-5/disk: failed",
            "router/uefi-x86_64/disk: unreachable", "workstation/uefi-x86_64/disk: held",
        ]);
        (await page.Locator("[data-key='workstation/uefi-x86_64/disk'] .because").First.InnerTextAsync()).ShouldContain("held until 2026-12-27 06:00 UTC");
        (await page.Locator("[data-key='player/raspberry-pi-4/disk'] .because").First.InnerTextAsync()).ShouldContain("the partition 'root' holds 2 GiB");
        (await page.Locator("tr[data-key=demo] .because").First.InnerTextAsync()).ShouldContain("unknown board 'raspberry-pi-9'");
        (await page.Locator(".works progress[value]").GetAttributeAsync("value")).ShouldBe("42");
        (await page.Locator(".works .how").AllInnerTextsAsync()).ShouldContain(t => t.Contains("651 MiB of 1.5 GiB", StringComparison.Ordinal));
        (await page.Locator(".round time").First.InnerTextAsync()).ShouldBe("3 days ago");
        (await page.Locator(".round time").First.GetAttributeAsync("title")).ShouldBe("2026-11-18 06:30 UTC");
        // What others wrote is text.
        (await page.Locator(".about").AllInnerTextsAsync()).ShouldContain("Music player for the living room <script>alert('hostile')</script>");
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task The_table_is_filtered_by_text_state_and_board_and_the_address_keeps_it()
    {
        await using var visit = await browser.VisitAsync(World.Address, Looks.Desktop);
        var page = await visit.OpenAsync("");
        await page.GetByLabel("Search").FillAsync("KIOSK uefi");
        (await StatesAsync(page)).ShouldBe(["kiosk/uefi-x86_64/disk: building"]);
        (await page.Locator("#shown").InnerTextAsync()).ShouldBe("1 of 11 shown");
        await page.GetByLabel("Search").FillAsync("");
        await page.GetByLabel("Board").SelectOptionAsync("raspberry-pi-5");
        await page.Locator(".choice input[value=failed]").CheckAsync();
        (await StatesAsync(page)).ShouldBe(["player/raspberry-pi-5/disk: failed"]);
        (await page.Locator("tbody:visible").CountAsync()).ShouldBe(1, "an image of which nothing is shown is not named");
        page.Url.ShouldEndWith("?board=raspberry-pi-5&state=failed");
        await page.ReloadAsync();
        (await StatesAsync(page)).ShouldBe(["player/raspberry-pi-5/disk: failed"]);
        await page.GetByLabel("Search").FillAsync("nobody has this");
        await page.GetByText("Nothing fits this search.").WaitForAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show everything" }).ClickAsync();
        (await StatesAsync(page)).Length.ShouldBe(11);
        (await visit.FocusedAsync()).ShouldBe("q");
        page.Url.ShouldBe(World.Address);
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task All_of_it_works_by_keyboard()
    {
        await using var visit = await browser.VisitAsync(World.Address, Looks.Desktop);
        var page = await visit.OpenAsync("");
        await page.Keyboard.PressAsync("Tab");
        (await visit.FocusedAsync()).ShouldBe("Skip to the content");
        (await page.Locator(".skip").BoundingBoxAsync())!.Y.ShouldBeGreaterThanOrEqualTo(0, "it is seen when it has the focus");
        foreach (var name in new[] { PagesWorld.Title, "Status", "Downloads", "Log", "kiosk", "q", "board", "state", "demo", "gateway" })
        {
            if (name == "kiosk" && await visit.FocusedAsync() == "kiosk")
                continue;
            await page.Keyboard.PressAsync("Tab");
            // Two pieces of work are under way for one image.
            if (name == "q" && await visit.FocusedAsync() == "kiosk")
                await page.Keyboard.PressAsync("Tab");
            (await visit.FocusedAsync()).ShouldBe(name);
            (await visit.IsFocusVisibleAsync()).ShouldBeTrue(name);
        }
        await page.Locator(".skip").FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        (await page.EvaluateAsync<string>("() => document.activeElement.id")).ShouldBe("main");

        await page.GetByLabel("Search").FocusAsync();
        await page.Keyboard.TypeAsync("player");
        (await StatesAsync(page)).Length.ShouldBe(2);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.TypeAsync("raspberry-pi-5");
        (await StatesAsync(page)).ShouldBe(["player/raspberry-pi-5/disk: failed"]);
        await page.Keyboard.PressAsync("Tab");
        await page.Keyboard.PressAsync("ArrowRight");
        (await page.Locator(".choice input:checked").GetAttributeAsync("value")).ShouldBe("failed");
        await page.GetByText("What the states mean").FocusAsync();
        await page.Keyboard.PressAsync("Space");
        await page.GetByText("the last good release stays").WaitForAsync();
        await page.Locator("tbody[data-key=player] .group a").FocusAsync();
        (await visit.FocusedAsync()).ShouldBe("player");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Heading, new() { Name = "player", Level = 1 }).WaitForAsync();
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task An_image_shows_its_release_its_changes_its_disk_and_its_log()
    {
        await using var visit = await browser.VisitAsync(World.Address, Looks.Desktop with { Now = World.Now });
        var page = await visit.OpenAsync("images/gateway/");
        (await page.Locator(".title").InnerTextAsync()).ShouldContain("20261118.0, 18 November 2026");
        (await page.Locator(".changelog").InnerTextAsync()).ShouldContain("kernel");
        await page.GetByText("The disk of this board").First.ClickAsync();
        var picture = page.Locator(".layout[open] img");
        (await picture.EvaluateAsync<bool>("async e => { await e.decode(); return e.naturalWidth === 880; }")).ShouldBeTrue();
        (await page.Locator(".file a").First.GetAttributeAsync("href")).ShouldStartWith("https://github.com/acme/images/releases/download/gateway-20261118.0/gateway-rock-5b.img.zst");
        (await page.Locator(".documents").InnerTextAsync()).ShouldContain("checksums of all files");
        (await page.Locator(".log li").First.InnerTextAsync()).ShouldContain("released gateway 20261118.0");
        await page.GetByRole(AriaRole.Link, new() { Name = "All that the log holds" }).ClickAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Log", Level = 1 }).WaitForAsync();
        page.Url.ShouldEndWith("/log/?q=gateway");
        (await page.Locator(".log li:visible").AllInnerTextsAsync()).ShouldAllBe(t => t.Contains("gateway", StringComparison.Ordinal));
        visit.Complaints.ShouldBeEmpty();
        // By itself too: its own style passes its policy, and without it everything were black.
        await visit.OpenAsync("boards/rock-5b.svg");
        (await page.EvaluateAsync<string>("() => getComputedStyle(document.querySelector('.back')).fill")).ShouldBe("rgb(255, 255, 255)");
    }

    [Fact]
    public async Task Without_scripts_everything_is_there()
    {
        await using var visit = await browser.VisitAsync(World.Address, Looks.Desktop with { HasScripts = false });
        var page = await visit.OpenAsync("");
        (await StatesAsync(page)).Length.ShouldBe(11);
        (await page.Locator(".filter").IsVisibleAsync()).ShouldBeFalse("it would do nothing");
        (await page.Locator(".counts").InnerTextAsync()).ShouldBe("2 failed, 1 invalid, 1 unreachable, 3 building, 1 held, 1 suspended, 2 current");
        (await page.Locator(".round").InnerTextAsync()).ShouldContain("2026-11-18 06:30 UTC");
        await page.GetByRole(AriaRole.Link, new() { Name = "Downloads" }).ClickAsync();
        await page.GetByRole(AriaRole.Navigation, new() { Name = "Boards" }).GetByText("rock-5b").ClickAsync();
        await page.Locator("#board-rock-5b summary").ClickAsync();
        (await page.Locator("#board-rock-5b .command").First.InnerTextAsync()).ShouldContain("curl -LO");
        (await page.GetByText("Copy").First.IsVisibleAsync()).ShouldBeFalse();
        visit.Complaints.ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_not_there_has_a_page_that_leads_back()
    {
        await using var visit = await browser.VisitAsync(World.Address, Looks.Desktop);
        var page = await visit.OpenAsync("images/nobody/");
        (await Axe.JudgeAsync(page)).ShouldBeEmpty();
        visit.Complaints.ShouldAllBe(c => c.Contains("404", StringComparison.Ordinal));
        await page.GetByRole(AriaRole.Link, new() { Name = "Every image that there is" }).ClickAsync();
        page.Url.ShouldBe(World.Address);
    }

    private static async Task<byte[]> BlankAsync(IPage page)
    {
        await page.GotoAsync("about:blank");
        return await page.ScreenshotAsync();
    }

    private static Task<string[]> StatesAsync(IPage page) =>
        page.EvaluateAsync<string[]>("() => [...document.querySelectorAll('tr[data-item]')].filter(r => r.checkVisibility()).map(r => `${r.dataset.key}: ${r.querySelector('.state').textContent}`)");

    private static async Task UntilAsync(Func<Task<bool>> isSo)
    {
        for (var tries = 0; !await isSo(); tries++)
        {
            tries.ShouldBeLessThan(300, "it did not happen within half a minute");
            await Task.Delay(100);
        }
    }
}
