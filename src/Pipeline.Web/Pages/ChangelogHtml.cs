using Markdig;

namespace Pipeline.Web.Pages;

/// <summary>A changelog as HTML. It holds what commits and packages say, so no HTML of its own comes through, and links lead only to web pages.</summary>
internal static class ChangelogHtml
{
    private static readonly MarkdownPipeline Pipeline = new MarkdownPipelineBuilder().UsePipeTables().DisableHtml().Build();

    public static string Of(string markdown)
    {
        var document = Markdown.Parse(markdown, Pipeline);
        foreach (var link in Markdig.Syntax.MarkdownObjectExtensions.Descendants<Markdig.Syntax.Inlines.LinkInline>(document))
        {
            // An image would be fetched from wherever somebody likes; a link may only lead to the web.
            link.IsImage = false;
            if (!Uri.TryCreate(link.Url, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
                link.Url = "#";
        }
        return Demote(document.ToHtml(Pipeline));
    }

    /// <summary>Its title is below the page's own.</summary>
    private static string Demote(string html)
    {
        for (var level = 4; level >= 1; level--)
        {
            html = html.Replace($"<h{level}>", $"<h{level + 2}>", StringComparison.Ordinal).Replace($"</h{level}>", $"</h{level + 2}>", StringComparison.Ordinal);
        }
        return html;
    }
}
