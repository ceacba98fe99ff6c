using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.Sources;

/// <summary>What can be wrong with a source that is a file or a directory, and with the cache that machines share.</summary>
public static class SourceRules
{
    public static readonly Rule NotFound =
        new("PL2080", Severity.Error, "there is no {1} at '{0}'; a manifest's paths begin at its folder, those of a command at the current directory");

    public static readonly Rule NotALayout =
        new("PL2081", Severity.Error, "'{0}' is not {1}: {2}");

    public static readonly Rule Ambiguous =
        new("PL2082", Severity.Error, "'{0}' holds several images; name one of: {1}");

    public static readonly Rule NameNotFound =
        new("PL2083", Severity.Error, "'{0}' holds no image named '{1}'; it holds: {2}");

    public static readonly Rule BlobMissing =
        new("PL2084", Severity.Error, "'{0}' lacks {1}, which it refers to; it was copied incompletely");

    public static readonly Rule Compression =
        new("PL2085", Severity.Error, "'{0}' is compressed with {1}, which is not read here; decompress it first");

    public static readonly Rule SharedCacheFailed =
        new("PL2086", Severity.Warning, "the shared cache {0} cannot be used ({1}); this run goes on without it");

    public static readonly Rule SharedCacheDamaged =
        new("PL2087", Severity.Warning, "the shared cache {0} has other bytes under {1} ({2}); they are fetched from the source, delete them there");

    public static readonly Rule NotAFile =
        new("PL2088", Severity.Error, "'{0}' is {1}, and a source is read more than once; write what comes out of it into a file first");
}
