using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.Documents;

/// <summary>What can be wrong with the documents that describe an image.</summary>
public static class DocumentRules
{
    public static readonly Rule Malformed =
        new("PL2040", Severity.Error, "{0}: the {1} is not well formed: {2}; the image must be pushed again by a conforming tool");

    public static readonly Rule Unsupported =
        new("PL2041", Severity.Error, "{0} is of media type '{1}', which is not a container image; expected an OCI or Docker (schema 2) index or manifest");

    public static readonly Rule Schema1 =
        new("PL2042", Severity.Error, "{0} is stored in Docker's schema 1 format, which has no verifiable layers; push it again with a tool newer than 2017");

    public static readonly Rule PlatformNotOffered =
        new("PL2043", Severity.Error, "{0} is not offered for {1}; offered: {2}");

    public static readonly Rule WrongPlatform =
        new("PL2044", Severity.Error, "{0} says it is for {1}, but {2} was asked for; choose another image or board");

    public static readonly Rule LayerCount =
        new("PL2045", Severity.Error, "{0}: the manifest has {1} layers but the configuration lists {2}; the image must be pushed again");

    public static readonly Rule NotAFileSystem =
        new("PL2046", Severity.Error, "{0} has no layers of files (found '{1}'); it is an artifact, not a container image");

    public static readonly Rule DigestMismatch =
        new("PL2047", Severity.Error, "{0}: expected {1} but the content hashes to {2}; something on the way changed it");

    public static readonly Rule TooDeep =
        new("PL2048", Severity.Error, "{0}: indexes are nested more than {1} deep; name the inner index by its digest");

    public static readonly Rule TooLarge =
        new("PL2049", Severity.Error, "{0}: the {1} is larger than {2}; no image needs that");

    public static readonly Rule PlatformUnsaid =
        new("PL2050", Severity.Warning, "{0} does not say which platform it is for; {1} is assumed, and its programs will tell");
}
