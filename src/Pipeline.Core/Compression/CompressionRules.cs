using Pipeline.Core.Diagnostics;

namespace Pipeline.Core.Compression;

/// <summary>What can be wrong with the machine when something is compressed or decompressed.</summary>
public static class CompressionRules
{
    public static readonly Rule LibraryMissing = new("PL9010", Severity.Error,
        "{0} needs the library '{1}', which this machine lacks; install it (on Debian: apt-get install {2})");

    public static readonly Rule LibraryUnfit = new("PL9011", Severity.Error,
        "the library '{0}' was built without {1}, so its output would differ from that of other machines; install the one of Debian's package {2}");
}

/// <summary>A library of the system is missing or cannot do what is needed. Carries the complaint to print.</summary>
public sealed class MissingLibraryException(Diagnostic diagnostic) : IOException(diagnostic.Message)
{
    public Diagnostic Diagnostic { get; } = diagnostic;
}
