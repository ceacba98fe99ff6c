using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Pages;

/// <summary>The pictures of the pages in <c>docs/pictures</c>. Each stands in a document.</summary>
public sealed class PicturesTests(Browser browser, PagesWorldFixture fixture) : IClassFixture<PagesWorldFixture>
{
    private PagesWorld World => fixture.World;

    [Theory]
    [InlineData("status.png", "", false, false)]
    [InlineData("status-dark.png", "", true, false)]
    [InlineData("status-phone.png", "", false, true)]
    [InlineData("image.png", "images/gateway/", false, false)]
    [InlineData("image-phone.png", "images/gateway/", true, true)]
    [InlineData("downloads.png", "downloads/?board=raspberry-pi-4&image=kiosk", false, false)]
    [InlineData("log.png", "log/", false, false)]
    public async Task A_picture_is_taken(string name, string path, bool isDark, bool isPhone)
    {
        await using var visit = await browser.VisitAsync(World.Address, (isPhone ? Looks.Phone : Looks.Desktop) with { IsDark = isDark, Now = World.Now });
        var page = await visit.OpenAsync(path);
        if (name == "image.png")
            await page.GetByText("The disk of this board").First.ClickAsync();
        if (name == "status-phone.png")
            await page.Locator("tbody[data-key=kiosk]").EvaluateAsync("e => e.scrollIntoView()");
        await page.EvaluateAsync("() => document.fonts.ready");
        await Picture.MatchAsync(name, page);
        Documents.All.ShouldContain(d => Documents.Text(d).Contains("pictures/" + name, StringComparison.Ordinal), $"no document shows {name}");
    }

    [Fact]
    public void Every_picture_is_one_that_the_test_takes() =>
        Directory.EnumerateFiles(Path.Combine(Documents.RootPath, Picture.Folder)).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(["downloads.png", "image-phone.png", "image.png", "log.png", "status-dark.png", "status-phone.png", "status.png"]);
}
