using System.Collections.Concurrent;
using Microsoft.Playwright;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>A page that somebody looks at, and all that the browser complained of meanwhile.</summary>
public sealed class BrowserVisit : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly string _address;

    internal BrowserVisit(IBrowserContext context, IPage page, string address)
    {
        (_context, Page, _address) = (context, page, address);
        page.Console += (_, message) => Hear(message.Type is "error" or "warning", $"{message.Type}: {message.Text}");
        page.PageError += (_, error) => Hear(true, $"exception: {error}");
        page.RequestFailed += (_, request) => Hear(true, $"failed: {request.Method} {request.Url} {request.Failure}");
        page.Response += (_, response) => Hear(response.Status >= 400, $"{response.Status}: {response.Url}");
        page.Request += (_, request) => Hear(!request.Url.StartsWith(address, StringComparison.Ordinal), $"asked elsewhere: {request.Url}");
    }

    public IPage Page { get; }

    /// <summary>Lines of the console, exceptions, requests that failed or left the site.</summary>
    public ConcurrentQueue<string> Complaints { get; } = new();

    /// <param name="path">Relative to the site.</param>
    public async Task<IPage> OpenAsync(string path)
    {
        await Page.GotoAsync(new Uri(new Uri(_address), path).AbsoluteUri);
        return Page;
    }

    /// <summary>What anybody may expect of any page: nothing to complain of, no scrolling sideways, and the rules of accessibility kept.</summary>
    public async Task ShouldBeGoodAsync(string what)
    {
        (await Axe.JudgeAsync(Page)).ShouldBeEmpty(what);
        (await TooWideAsync()).ShouldBeEmpty(what);
        Complaints.ShouldBeEmpty(what);
    }

    /// <summary>What sticks out at the side of the window; what scrolls by itself does not.</summary>
    public Task<string[]> TooWideAsync() => Page.EvaluateAsync<string[]>("""
        () => {
          const root = document.documentElement, wide = root.clientWidth;
          if (root.scrollWidth <= wide) return [];
          return [...document.body.querySelectorAll('*')].filter(e => e.getBoundingClientRect().right > wide + 1)
            .map(e => `${e.tagName.toLowerCase()}.${e.className} reaches ${Math.round(e.getBoundingClientRect().right)} of ${wide}`).slice(0, 5);
        }
        """);

    /// <summary>What has the focus, as a reader of screens would say it: its words, or its name.</summary>
    public Task<string> FocusedAsync() => Page.EvaluateAsync<string>(
        "() => { const e = document.activeElement; return (e.getAttribute('aria-label') ?? (e.name || e.textContent)).trim().replace(/\\s+/g, ' '); }");

    /// <summary>Whether the focus can be seen: an outline on it, or on what stands for it.</summary>
    public Task<bool> IsFocusVisibleAsync() => Page.EvaluateAsync<bool>("""
        () => {
          const e = document.activeElement, seen = x => x && getComputedStyle(x).outlineStyle !== 'none' && parseFloat(getComputedStyle(x).outlineWidth) >= 2;
          return !!(seen(e) || seen(e.nextElementSibling));
        }
        """);

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private void Hear(bool isComplaint, string line)
    {
        if (isComplaint)
            Complaints.Enqueue(line);
    }
}
