using System.Runtime.InteropServices;

namespace Pipeline.Core.Compression;

/// <summary>The functions of liblzma 5.2 and later (lzma/base.h, lzma/container.h) that are used here.</summary>
internal static unsafe partial class LzmaApi
{
    public const string Library = "liblzma.so.5";

    // lzma_ret
    public const int Ok = 0;
    public const int StreamEnd = 1;
    public const int MemoryLimit = 6;
    public const int BufferError = 10;

    // lzma_action
    public const int Run = 0;
    public const int Finish = 3;

    /// <summary>LZMA_CONCATENATED: several streams and stream padding are one.</summary>
    public const uint Concatenated = 0x08;

    /// <summary>LZMA_CHECK_CRC64, what xz writes.</summary>
    public const int CheckCrc64 = 4;

    public const int CheckCrc32 = 1;

    /// <summary>LZMA_FILTER_LZMA2, and LZMA_VLI_UNKNOWN that ends a list of filters.</summary>
    public const ulong Lzma2 = 0x21;
    public const ulong NoFilter = ulong.MaxValue;

    /// <summary>More than lzma_options_lzma has; its first field is dict_size.</summary>
    public const nuint OptionsBytes = 256;

    /// <summary>lzma_filter.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Filter
    {
        public ulong Id;
        public void* Options;
    }

    /// <summary>lzma_stream.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct LzmaStream
    {
        public byte* NextIn;
        public nuint AvailableIn;
        public ulong TotalIn;
        public byte* NextOut;
        public nuint AvailableOut;
        public ulong TotalOut;
        public nint Allocator;
        public nint Internal;
        public nint Reserved1;
        public nint Reserved2;
        public nint Reserved3;
        public nint Reserved4;
        public ulong SeekPosition;
        public ulong Reserved6;
        public nuint Reserved7;
        public nuint Reserved8;
        public int Reserved9;
        public int Reserved10;
    }

    /// <summary>lzma_mt.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Mt
    {
        public uint Flags;
        public uint Threads;
        public ulong BlockSize;
        public uint Timeout;
        public uint Preset;
        public nint Filters;
        public int Check;
        public int Reserved1;
        public int Reserved2;
        public int Reserved3;
        public uint Reserved4;
        public uint Reserved5;
        public uint Reserved6;
        public uint Reserved7;
        public ulong MemoryLimitThreading;
        public ulong MemoryLimitStop;
        public ulong Reserved8;
        public ulong Reserved9;
        public nint Reserved10;
        public nint Reserved11;
        public nint Reserved12;
        public nint Reserved13;
    }

    [LibraryImport(Library, EntryPoint = "lzma_stream_decoder")]
    public static partial int OpenDecoder(LzmaStream* stream, ulong memoryLimit, uint flags);

    [LibraryImport(Library, EntryPoint = "lzma_stream_encoder_mt")]
    public static partial int OpenEncoder(LzmaStream* stream, Mt* options);

    /// <summary>Also opens a stream anew that is over, and keeps its memory.</summary>
    [LibraryImport(Library, EntryPoint = "lzma_stream_encoder")]
    public static partial int OpenSingle(LzmaStream* stream, Filter* filters, int check);

    /// <summary>Fills lzma_options_lzma; not 0 where there is no such preset.</summary>
    [LibraryImport(Library, EntryPoint = "lzma_lzma_preset")]
    public static partial byte Preset(void* options, uint preset);

    [LibraryImport(Library, EntryPoint = "lzma_code")]
    public static partial int Code(LzmaStream* stream, int action);

    [LibraryImport(Library, EntryPoint = "lzma_end")]
    public static partial void End(LzmaStream* stream);
}
