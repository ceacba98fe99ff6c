namespace Pipeline.Cli;

/// <summary>An address at which a web server shows a directory.</summary>
internal static class WebAddress
{
    /// <returns>With a slash at its end; null for none.</returns>
    /// <exception cref="UsageException">It is no address, or has a query, a fragment or a user: all of it is published.</exception>
    public static Uri? Parse(string option, string? text) => text is null ? null
        : Uri.TryCreate(text.EndsWith('/') ? text : text + "/", UriKind.Absolute, out var address) && address is { Scheme: "http" or "https", Query: "", Fragment: "", UserInfo: "" } ? address
        : throw new UsageException($"{option} is '{text}', expected an address such as https://example.org/releases/");
}
