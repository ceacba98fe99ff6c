using System.Text.RegularExpressions;

namespace Pipeline.Core.Diagnostics;

/// <summary>
/// Addresses may hold a user and a password, or a token in the user's place. Messages quote what somebody wrote, and end in
/// logs and pull requests that more people read than the manifest.
/// </summary>
public static partial class AddressSecrets
{
    /// <summary>
    /// <c>://***@</c> in place of <c>://USER:PASSWORD@</c>, and in place of any user of http. The name in front of
    /// <c>@sha256:</c> and the user of <c>ssh://git@</c> stay.
    /// </summary>
    public static string Hide(string text) => Pattern.Replace(text, "***@");

    /// <summary>Bounded, because the text may be hostile.</summary>
    [GeneratedRegex(@"(?<=://)[^/\s'""]{0,256}:[^/\s'""]{0,256}@(?!sha(256|512):)|(?<=https?://)[^/\s'""]{1,512}@(?!sha(256|512):)", RegexOptions.CultureInvariant)]
    private static partial Regex Pattern { get; }
}
