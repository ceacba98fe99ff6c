using System.Runtime.InteropServices;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Core.Compression;

/// <summary>Looks once whether a library of the system is there, so that a missing one is a sentence and not a stack trace.</summary>
internal static class NativeLibraries
{
    private static readonly Lazy<bool> Zstd = new(() => Exists(ZstdApi.Library));
    private static readonly Lazy<bool> Lzma = new(() => Exists(LzmaApi.Library));

    /// <exception cref="MissingLibraryException">libzstd is not installed.</exception>
    public static void RequireZstd() => Require(Zstd.Value, "zstd", ZstdApi.Library, "libzstd1");

    /// <exception cref="MissingLibraryException">liblzma is not installed.</exception>
    public static void RequireLzma() => Require(Lzma.Value, "xz", LzmaApi.Library, "liblzma5");

    /// <summary>The complaint itself; apart, so that it can be seen on a machine that has every library.</summary>
    public static void Require(bool exists, string format, string library, string package)
    {
        if (!exists)
            throw new MissingLibraryException(Diagnostic.Create(CompressionRules.LibraryMissing, null, format, library, package));
    }

    private static bool Exists(string library) => NativeLibrary.TryLoad(library, typeof(NativeLibraries).Assembly, null, out _);
}
