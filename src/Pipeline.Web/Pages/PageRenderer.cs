using System.Collections.Immutable;
using System.Text;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Web;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pipeline.Web.Status;

namespace Pipeline.Web.Pages;

/// <summary>A file of the site.</summary>
/// <param name="Path">Relative, with slashes: <c>index.html</c>, <c>images/kiosk/index.html</c>.</param>
public sealed record PageFile(string Path, ReadOnlyMemory<byte> Content)
{
    /// <summary>By the suffix.</summary>
    public string ContentType => System.IO.Path.GetExtension(Path) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        ".json" => "application/json",
        _ => "application/octet-stream",
    };
}

/// <summary>Renders the pages. The same model gives the same bytes.</summary>
public sealed class PageRenderer : IAsyncDisposable
{
    private const string AssetPrefix = "assets/";
    private readonly ServiceProvider _services = new ServiceCollection().BuildServiceProvider();
    private readonly HtmlRenderer _renderer;

    public PageRenderer() => _renderer = new(_services, NullLoggerFactory.Instance);

    /// <summary>Style and script; they are the same for every model.</summary>
    public static ImmutableArray<PageFile> Assets { get; } = ReadAssets();

    /// <summary>One page; null where the model has none at that path. A path that ends in <c>/</c> is its <c>index.html</c>.</summary>
    /// <param name="path">Relative: empty is the status.</param>
    public async Task<PageFile?> RenderAsync(StatusModel model, string path)
    {
        var file = path.Length == 0 || path.EndsWith('/') ? path + "index.html" : path;
        switch (file.Split('/'))
        {
            case ["index.html"]:
                return await RenderAsync<StatusPage>(file, new() { [nameof(StatusPage.Model)] = model });
            case ["downloads", "index.html"]:
                return await RenderAsync<DownloadsPage>(file, new() { [nameof(DownloadsPage.Model)] = model });
            case ["log", "index.html"] when model.Live is not null:
                return await RenderAsync<LogPage>(file, new() { [nameof(LogPage.Model)] = model });
            case ["images", var name, "index.html"] when model.Images.FirstOrDefault(i => i.Name == name) is { } image:
                return await RenderAsync<ImagePage>(file, new() { [nameof(ImagePage.Model)] = model, [nameof(ImagePage.Image)] = image });
            case ["boards", var picture] when model.Boards.FirstOrDefault(b => b.Name + ".svg" == picture) is { } board:
                return new(file, Encoding.UTF8.GetBytes(board.Svg));
            default:
                return Assets.FirstOrDefault(a => a.Path == file);
        }
    }

    /// <summary>The page of a path that leads nowhere; its links are right as seen from there.</summary>
    public Task<PageFile> RenderNotFoundAsync(StatusModel model, string path) => RenderAsync<NotFoundPage>(
        "404.html", new() { [nameof(NotFoundPage.Model)] = model, [nameof(NotFoundPage.Root)] = string.Concat(Enumerable.Repeat("../", path.Count(c => c == '/'))) });

    /// <summary>Every file of the site, in order of path.</summary>
    public async Task<ImmutableArray<PageFile>> RenderAllAsync(StatusModel model)
    {
        var paths = new[] { "index.html", "downloads/index.html" }
            .Concat(model.Images.Select(i => $"images/{i.Name}/index.html")).Concat(model.Boards.Select(b => $"boards/{b.Name}.svg")).Concat(Assets.Select(a => a.Path));
        var files = ImmutableArray.CreateBuilder<PageFile>();
        foreach (var path in paths.Order(StringComparer.Ordinal))
            files.Add((await RenderAsync(model, path))!);
        return files.ToImmutable();
    }

    public async ValueTask DisposeAsync()
    {
        await _renderer.DisposeAsync();
        await _services.DisposeAsync();
    }

    private async Task<PageFile> RenderAsync<T>(string path, Dictionary<string, object?> parameters)
        where T : IComponent
    {
        var html = await _renderer.Dispatcher.InvokeAsync(async () => (await _renderer.RenderComponentAsync<T>(ParameterView.FromDictionary(parameters))).ToHtmlString());
        return new(path, Encoding.UTF8.GetBytes(html));
    }

    private static ImmutableArray<PageFile> ReadAssets()
    {
        var assembly = typeof(PageRenderer).Assembly;
        return
        [
            .. assembly.GetManifestResourceNames().Where(n => n.StartsWith(AssetPrefix, StringComparison.Ordinal)).Order(StringComparer.Ordinal).Select(name =>
            {
                using var stream = assembly.GetManifestResourceStream(name)!;
                var content = new byte[stream.Length];
                stream.ReadExactly(content);
                return new PageFile(name, content);
            }),
        ];
    }
}
