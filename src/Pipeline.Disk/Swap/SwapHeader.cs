using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Swap;

/// <summary>The header page; Linux, <c>union swap_header</c>.</summary>
internal readonly record struct SwapHeader(SwapLayout Layout)
{
    /// <summary>Fills one whole page; every byte not named here is zero. Its first 1024 bytes are left to boot code.</summary>
    public void WriteTo(Span<byte> page)
    {
        page.Clear();
        WriteUInt32LittleEndian(page[1024..], 1);                                                           // version
        WriteUInt32LittleEndian(page[1028..], (uint)(Layout.LengthBytes / SwapLayout.PageBytes - 1));       // last_page, inclusive
        WriteUInt32LittleEndian(page[1032..], 0);                                                           // nr_badpages
        Layout.Uuid.TryWriteBytes(page[1036..], bigEndian: true, out _);                                    // sws_uuid
        Layout.Label.CopyTo(page[1052..]);                                                                  // sws_volume, zero ended
        "SWAPSPACE2"u8.CopyTo(page[(SwapLayout.PageBytes - 10)..]);                                         // magic
    }
}
