using System.Runtime.InteropServices;

namespace Pipeline.Core.Compression;

/// <summary>The functions of libzstd (zstd.h, stable part) that are used here.</summary>
internal static unsafe partial class ZstdApi
{
    public const string Library = "libzstd.so.1";

    // ZSTD_cParameter and ZSTD_dParameter
    public const int CompressionLevel = 100;
    public const int ChecksumFlag = 201;
    public const int NbWorkers = 400;
    public const int JobSize = 401;
    public const int OverlapLog = 402;
    public const int WindowLogMax = 100;

    // ZSTD_EndDirective
    public const int Continue = 0;
    public const int End = 2;

    /// <summary>ZSTD_error_dstSize_tooSmall.</summary>
    public const int OutputTooSmall = 70;

    [StructLayout(LayoutKind.Sequential)]
    public struct Buffer
    {
        public byte* Pointer;
        public nuint Size;
        public nuint Position;
    }

    [LibraryImport(Library, EntryPoint = "ZSTD_createDCtx")]
    public static partial nint CreateDecoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeDCtx")]
    public static partial nuint FreeDecoder(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_DCtx_setParameter")]
    public static partial nuint SetDecoder(nint context, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_decompressStream")]
    public static partial nuint Decompress(nint context, Buffer* output, Buffer* input);

    [LibraryImport(Library, EntryPoint = "ZSTD_createCCtx")]
    public static partial nint CreateEncoder();

    [LibraryImport(Library, EntryPoint = "ZSTD_freeCCtx")]
    public static partial nuint FreeEncoder(nint context);

    [LibraryImport(Library, EntryPoint = "ZSTD_CCtx_setParameter")]
    public static partial nuint SetEncoder(nint context, int parameter, int value);

    [LibraryImport(Library, EntryPoint = "ZSTD_compressStream2")]
    public static partial nuint Compress(nint context, Buffer* output, Buffer* input, int directive);

    /// <summary>A whole frame in one call.</summary>
    [LibraryImport(Library, EntryPoint = "ZSTD_compress2")]
    public static partial nuint CompressAll(nint context, byte* output, nuint outputBytes, byte* input, nuint inputBytes);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorCode")]
    public static partial int ErrorCode(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_isError")]
    public static partial uint IsError(nuint code);

    [LibraryImport(Library, EntryPoint = "ZSTD_getErrorName")]
    private static partial nint ErrorName(nuint code);

    public static string Describe(nuint code) => Marshal.PtrToStringUTF8(ErrorName(code)) ?? "unknown error";
}
