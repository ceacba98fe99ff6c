using Microsoft.Playwright;
using Pipeline.Kit;
using Xunit;

[assembly: AssemblyFixture(typeof(Browser))]

namespace Pipeline.Kit;

/// <summary>How somebody looks at a page.</summary>
public sealed record Looks
{
    public static readonly Looks Desktop = new();

    public static readonly Looks Phone = new() { Width = 360, Height = 740 };

    public int Width { get; init; } = 1200;

    public int Height { get; init; } = 820;

    public bool IsDark { get; init; }

    public bool HasScripts { get; init; } = true;

    /// <summary>What the browser takes for now; null is the machine's clock.</summary>
    public DateTimeOffset? Now { get; init; }
}

/// <summary>
/// Debian's Chromium, driven by Playwright; one process for all tests, begun by the first that needs it. Each visit has a
/// profile of its own and knows no other.
/// </summary>
public sealed class Browser : IAsyncDisposable
{
    private const string Program = "/usr/bin/chromium";

    /// <summary>Of one step on a page, on a machine that is busy with other tests.</summary>
    private const float PatienceMilliseconds = 30_000;

    private static readonly string[] Arguments =
        ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"];

    private readonly SemaphoreSlim _gate = new(1);
    private IPlaywright? _playwright;
    private IBrowser? _browser;

    /// <param name="address">Of the site, ends with a slash.</param>
    public async Task<BrowserVisit> VisitAsync(string address, Looks looks)
    {
        var browser = await StartAsync();
        var context = await browser.NewContextAsync(new()
        {
            BaseURL = address,
            ViewportSize = new() { Width = looks.Width, Height = looks.Height },
            ColorScheme = looks.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ReducedMotion = ReducedMotion.Reduce,
            JavaScriptEnabled = looks.HasScripts,
            Locale = "en-GB",
            TimezoneId = "UTC",
        });
        context.SetDefaultTimeout(PatienceMilliseconds);
        if (looks.Now is { } now)
            await context.Clock.SetFixedTimeAsync(now.UtcDateTime);
        return new(context, await context.NewPageAsync(), address);
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        _gate.Dispose();
    }

    private async Task<IBrowser> StartAsync()
    {
        await _gate.WaitAsync();
        try
        {
            if (!File.Exists(Program))
                throw new InvalidOperationException($"the judge '{Program}' is not installed; tests/run installs it");
            _playwright ??= await Playwright.CreateAsync();
            return _browser ??= await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = Program, Args = Arguments });
        }
        finally
        {
            _gate.Release();
        }
    }
}
