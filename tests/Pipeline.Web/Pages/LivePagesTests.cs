using Microsoft.Playwright;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Pages;

/// <summary>Pages that stay open while the controller goes on.</summary>
public sealed class LivePagesTests(Browser browser)
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_build_comes_to_its_end_before_the_readers_eyes_and_nothing_they_did_is_lost()
    {
        await using var world = await PagesWorld.StartAsync(Ct);
        await using var visit = await browser.VisitAsync(world.Address, Looks.Desktop);
        var page = await visit.OpenAsync("");
        await page.EvaluateAsync("() => { window.marked = true; }");
        await page.GetByText("What the states mean").ClickAsync();
        await page.GetByLabel("Search").FillAsync("kiosk");
        (await page.Locator(".works li").CountAsync()).ShouldBe(2);

        await world.FinishAsync();
        await page.Locator("[data-key='kiosk/uefi-x86_64/disk'][data-state=current]").WaitForAsync();
        await page.Locator(".works").WaitForAsync(new() { State = WaitForSelectorState.Detached });
        (await page.Locator("[data-key=kiosk] .released").InnerTextAsync()).ShouldContain("20261121.0");
        (await page.Locator(".round").InnerTextAsync()).ShouldContain("1 released");
        (await page.Locator("#news").InnerTextAsync()).ShouldContain("kiosk/uefi-x86_64/disk is current");

        (await page.EvaluateAsync<bool>("() => window.marked")).ShouldBeTrue("the page was not loaded again");
        (await page.GetByLabel("Search").InputValueAsync()).ShouldBe("kiosk");
        (await visit.FocusedAsync()).ShouldBe("q");
        (await page.Locator("tbody:visible").CountAsync()).ShouldBe(1, "what was filtered stays so");
        (await page.GetByText("the last good release stays").IsVisibleAsync()).ShouldBeTrue("what was unfolded stays so");
        await visit.ShouldBeGoodAsync("after the build");
    }

    [Fact]
    public async Task A_controller_that_has_just_begun_and_one_that_is_gone_are_told_apart()
    {
        await using var world = await PagesWorld.StartEmptyAsync(Ct);
        await using var visit = await browser.VisitAsync(world.Address, Looks.Desktop);
        var page = await visit.OpenAsync("downloads/");
        await page.GetByText("Nothing has been released yet").WaitForAsync();
        await visit.ShouldBeGoodAsync("downloads");
        await visit.OpenAsync("log/");
        await page.GetByText("Nothing has happened yet").WaitForAsync();
        await visit.OpenAsync("");
        await page.GetByText("Nothing is known yet").WaitForAsync();
        await visit.ShouldBeGoodAsync("status");
        (await page.Locator("#live").InnerTextAsync()).ShouldBe("Live");

        await world.StopServingAsync();
        await page.GetByText("No answer, trying again").WaitForAsync();
        (await Axe.JudgeAsync(page)).ShouldBeEmpty();
    }
}
