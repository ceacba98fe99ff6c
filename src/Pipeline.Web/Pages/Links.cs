using Pipeline.Web.Status;

namespace Pipeline.Web.Pages;

/// <summary>Where files of a release can be fetched.</summary>
internal static class Links
{
    private const string TagPath = "/releases/tag/";

    /// <summary>Null where the release has no address that a browser can open.</summary>
    public static Uri? To(ReleaseStatus? release, string file)
    {
        if (release?.Address is not { } address)
            return null;
        var text = address.AbsoluteUri;
        var at = text.IndexOf(TagPath, StringComparison.Ordinal);
        // A release page of GitHub; any other address is a directory that a web server shows.
        return at < 0 ? new(text.TrimEnd('/') + "/" + Uri.EscapeDataString(file)) : new($"{text[..at]}/releases/download/{text[(at + TagPath.Length)..]}/{Uri.EscapeDataString(file)}");
    }
}
