namespace Pipeline.Web.Pages;

/// <summary>Pages have no script, style or picture but their own, whatever a changelog or a board may say.</summary>
internal static class PagePolicy
{
    /// <summary>In the pages themselves: a web server of plain files sends none.</summary>
    public const string Meta = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'";

    /// <summary>What only a header may say comes with it.</summary>
    public const string Header = Meta + "; frame-ancestors 'none'";

    /// <summary>A picture of a board carries its style in itself, and nothing else.</summary>
    public const string Picture = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'";
}
