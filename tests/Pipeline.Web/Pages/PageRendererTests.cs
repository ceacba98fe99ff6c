using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Pipeline.Web.Status;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Pages;

public sealed partial class PageRendererTests : IAsyncDisposable
{
    private const string Hostile = "<script>alert(1)</script>\"'&";
    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    private readonly PageRenderer _pages = new();

    public ValueTask DisposeAsync() => _pages.DisposeAsync();

    [Fact]
    public async Task Every_page_is_sound_HTML_and_its_links_lead_somewhere()
    {
        var files = await _pages.RenderAllAsync(Model());
        files.Select(f => f.Path).ShouldBe(["assets/icon.svg", "assets/page.js", "assets/style.css", "boards/box.svg", "downloads/index.html", "images/broken/index.html", "images/kiosk/index.html", "index.html"]);
        foreach (var page in files.Where(f => f.Path.EndsWith(".html", StringComparison.Ordinal)))
        {
            Tidy(Text(page)).ShouldBeEmpty(page.Path);
            foreach (Match link in Reference().Matches(Text(page)))
                Leads(page.Path, link.Groups[1].Value, [.. files.Select(f => f.Path), "images.json", "os_list.json"]).ShouldBeTrue($"{page.Path}: {link.Value}");
        }
    }

    [Fact]
    public async Task The_judge_of_pages_can_say_no()
    {
        var page = Text((await _pages.RenderAsync(Model(), ""))!);
        Tidy(page.Replace("</table>", "", StringComparison.Ordinal)).ShouldNotBeEmpty();
        Tidy(page.Replace("<h1>", "<h1 id=\"main\">", StringComparison.Ordinal)).ShouldNotBeEmpty("an id twice");
        Leads("index.html", "images/nobody/", ["index.html"]).ShouldBeFalse();
    }

    [Fact]
    public async Task What_others_wrote_is_text()
    {
        var model = Model() with
        {
            Title = Hostile,
            Live = new(new(Noon, Hostile, null, [Hostile]), [new(Hostile, Hostile, 1, 4, 7)], [], [new(Noon, LogKind.Error, Hostile, Hostile)]),
        };
        model = model with
        {
            Images = [model.Images[1] with
            {
                Description = Hostile, Complaints = [Hostile],
                Release = new("1", "javascript:alert(1)", $"# {Hostile}\n\n[x](javascript:alert(1)) <javascript:alert(1)> ![p](http://evil/p.png) {Hostile}\n\n<details><summary>{Hostile}</summary>\n\n| {Hostile} |\n| --- |\n", [new(Hostile, new(1))]),
                Targets = [model.Images[1].Targets[0] with { Board = Hostile, Because = [Hostile] }],
            }],
        };
        foreach (var page in (await _pages.RenderAllAsync(model)).Append((await _pages.RenderAsync(model, "log/"))!).Append(await _pages.RenderNotFoundAsync(model, Hostile)))
        {
            if (!page.Path.EndsWith(".html", StringComparison.Ordinal))
                continue;
            Text(page).ShouldNotContain("<script>alert");
            Text(page).ShouldNotContain("<summary><");
            Text(page).ShouldNotContain("href=\"javascript:");
            Text(page).ShouldNotContain("<img src=\"http");
            Tidy(Text(page)).ShouldBeEmpty(page.Path);
        }
    }

    [Fact]
    public async Task The_same_model_gives_the_same_bytes() =>
        (await _pages.RenderAllAsync(Model())).Select(f => Convert.ToHexString(f.Content.Span)).ShouldBe((await _pages.RenderAllAsync(Model())).Select(f => Convert.ToHexString(f.Content.Span)));

    [Fact]
    public async Task Work_under_way_has_its_progress_and_files_their_links()
    {
        var status = Text((await _pages.RenderAsync(Model() with { Live = new(new(null, "", Noon, []), [new("kiosk", "write kiosk-box.img", 30, 120, 7)], [], []) }, ""))!);
        status.ShouldContain("<progress max=\"100\" value=\"25\"");
        status.ShouldContain("1 invalid, 1 stale, 1 current");
        var downloads = Text((await _pages.RenderAsync(Model(), "downloads/"))!);
        downloads.ShouldContain("https://github.com/acme/images/releases/download/kiosk-20261121.0/kiosk-box.img.zst");
        downloads.ShouldContain("pipeline flash kiosk-box.img.zst /dev/sdX");
        (await _pages.RenderAsync(Model(), "images/nobody/")).ShouldBeNull();
        (await _pages.RenderAsync(Model(), "../x")).ShouldBeNull();
        (await _pages.RenderAsync(Model(), "log/")).ShouldBeNull("only a controller has one");
    }

    private static StatusModel Model()
    {
        var file = new ReleaseFile("kiosk-box.img.zst", new ByteSize(123_456_789), Digest.Sha256("x"u8));
        return new(
            "Images",
            [
                new("broken", "", [], null, ["images/broken/image.yaml:1:1: error PL1001: no"]),
                new("kiosk", "A kiosk",
                    [
                        new("box", "disk", ShownState.Current, [], [file]),
                        new("other", "disk", ShownState.Stale, ["never published"], []),
                    ],
                    new("20261121.0", "https://github.com/acme/images/releases/tag/kiosk-20261121.0", "# kiosk 20261121.0\n\n## Changes\n\n| a | b |\n| --- | --- |\n| 1 | `2` |\n", [new("SHA256SUMS", new(70)), new("SHA256SUMS.sig", new(70))]), []),
            ],
            [new("box", "A box", "<svg xmlns=\"http://www.w3.org/2000/svg\"/>")], Live: null);
    }

    private static bool Leads(string page, string link, string[] files)
    {
        if (link.StartsWith("https://", StringComparison.Ordinal) || link.StartsWith("data:", StringComparison.Ordinal) || link.StartsWith('#'))
            return true;
        var path = new Uri(new Uri("http://x/" + page), link).AbsolutePath[1..];
        return files.Contains(path.Length == 0 || path.EndsWith('/') ? path + "index.html" : path);
    }

    private static string Text(PageFile page) => Encoding.UTF8.GetString(page.Content.Span);

    /// <summary>What tidy complains of, a line each.</summary>
    private static string[] Tidy(string html)
    {
        using var temp = new TempDir();
        File.WriteAllText(temp["page.html"], html);
        var run = Tool.Run(new ProcessStartInfo("tidy", ["-quiet", "-errors", "--drop-empty-elements", "no", "--warn-proprietary-attributes", "yes", temp["page.html"]]));
        // It is older than this attribute of WAI-ARIA 1.1.
        return [.. run.Stderr.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => !l.EndsWith("proprietary attribute \"aria-current\"", StringComparison.Ordinal))];
    }

    [GeneratedRegex("(?:href|src)=\"([^\"]*)\"")]
    private static partial Regex Reference();
}
