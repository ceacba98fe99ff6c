using System.Security.Cryptography;

namespace Pipeline.Web.Pages;

/// <summary>Pages have no script, style or picture but their own, whatever a changelog or a board may say.</summary>
internal static class PagePolicy
{
    /// <summary>In the pages themselves: a web server of plain files sends none.</summary>
    public const string Meta = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

    /// <summary>What only a header may say comes with it.</summary>
    public const string Header = Meta + "; frame-ancestors 'none'";

    /// <summary>A picture of a board carries its style in itself: this one, by its digest, and nothing else.</summary>
    /// <param name="svg">UTF-8.</param>
    public static string Picture(ReadOnlySpan<byte> svg)
    {
        var start = svg.IndexOf("<style>"u8) + "<style>".Length;
        var end = svg.IndexOf("</style>"u8);
        var style = end < start ? "'none'" : $"'sha256-{Convert.ToBase64String(SHA256.HashData(svg[start..end]))}'";
        return $"default-src 'none'; style-src {style}; frame-ancestors 'none'";
    }
}
