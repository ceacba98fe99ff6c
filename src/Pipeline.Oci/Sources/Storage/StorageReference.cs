using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;

namespace Pipeline.Oci.Sources.Storage;

/// <summary>
/// What stands behind <c>containers-storage:</c>: perhaps a store in brackets (<c>[driver@graphroot+runroot:options]</c>), then a
/// name with or without its registry and tag, with or without a digest, or the id of an image (also as <c>@ID</c>).
/// </summary>
/// <param name="Driver">Null where it is not said.</param>
/// <param name="GraphRoot">Absolute; null is the usual store.</param>
/// <param name="Name">With its tag, unless there is a digest; null where only an id was said.</param>
/// <param name="Id">What may be an id, or its beginning: 12 to 64 hex digits.</param>
internal sealed record StorageReference(string? Driver, string? GraphRoot, string? Name, Digest? Digest, string? Id)
{
    private const int MaxCharacters = 1024;
    private const int LeastIdDigits = 12;

    /// <summary>The name without its tag.</summary>
    public string? Repository => Name is null ? null : WithoutTag(Name);

    public static Result<StorageReference> Parse(string text, SourceSpan? span)
    {
        if (text.Length is 0 or > MaxCharacters || text.Any(c => c is <= ' ' or > '~'))
            return Fail(text.Length > 80 ? text[..80] + "…" : text, "expected a name of printable ASCII characters", span);
        var (driver, root, rest) = ((string?)null, (string?)null, text);
        if (text[0] == '[')
        {
            var end = text.IndexOf(']', StringComparison.Ordinal);
            if (end < 0)
                return Fail(text, "the bracket is not closed", span);
            (driver, root) = ParseStore(text[1..end]);
            rest = text[(end + 1)..];
            if (root is null)
                return Fail(text, "the store in brackets has no absolute path", span);
        }
        return ParseImage(text, driver, root, rest, span);
    }

    public static string WithoutTag(string name)
    {
        var at = name.IndexOf('@', StringComparison.Ordinal);
        var plain = at < 0 ? name : name[..at];
        var colon = plain.LastIndexOf(':');
        return colon > plain.LastIndexOf('/') ? plain[..colon] : plain;
    }

    private static Result<StorageReference> ParseImage(string text, string? driver, string? root, string rest, SourceSpan? span)
    {
        if (rest.StartsWith('@') && IsId(rest[1..]))
            return new StorageReference(driver, root, null, null, rest[1..]);
        var at = rest.IndexOf('@', StringComparison.Ordinal);
        Digest? digest = null;
        if (at >= 0 && !Core.Units.Digest.TryParse(rest[(at + 1)..], out digest))
            return Fail(text, "what follows '@' is neither a digest nor the id of an image", span);
        var name = at < 0 ? rest : rest[..at];
        if (name.Length == 0 || name.EndsWith('/') || name.EndsWith(':'))
            return Fail(text, "there is no name", span);
        var isTagged = name.LastIndexOf(':') > name.LastIndexOf('/');
        var id = at < 0 && IsId(name) ? name : null;
        return new StorageReference(driver, root, isTagged || digest is not null ? name : name + ":latest", digest, id);
    }

    /// <summary>The run root and the options behind it are about containers that run.</summary>
    private static (string? Driver, string? Root) ParseStore(string store)
    {
        var at = store.IndexOf('@', StringComparison.Ordinal);
        var path = at < 0 ? store : store[(at + 1)..];
        var end = path.IndexOfAny(['+', ':']);
        path = end < 0 ? path : path[..end];
        return (at > 0 ? store[..at] : null, path.StartsWith('/') ? path : null);
    }

    private static bool IsId(string text) => text.Length is >= LeastIdDigits and <= 64 && text.All(char.IsAsciiHexDigitLower);

    private static Result<StorageReference> Fail(string text, string why, SourceSpan? span) =>
        Result<StorageReference>.Failed(Diagnostic.Create(StorageRules.Reference, span, text, why));
}
