using System.Text;
using Pipeline.Core.Blocks;
using Pipeline.Core.Diagnostics;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Engine.Inspecting.Contents;

/// <summary>Recognises a file system by its signature, and reads what it says of itself.</summary>
internal static class FileSystemProbe
{
    private const int PageBytes = 4096;
    private const int LargePageBytes = 65536;

    /// <param name="place">A partition, or the whole file; lies in the file.</param>
    public static FileSystemMap? Probe(ImageReader reader, Region place, DiagnosticBag bag)
    {
        var window = new ProbeWindow(reader, place, bag);
        var found = Iso9660(window) ?? ExtProbe.Probe(window) ?? Swap(window, PageBytes) ?? Swap(window, LargePageBytes)
            ?? SquashFs(window) ?? Erofs(window) ?? ByMagic(window) ?? FatProbe.Probe(window);
        if (found?.LengthBytes > place.LengthBytes)
            bag.Add(InspectRules.FileSystemTooLong, null, found.Kind, place.OffsetBytes, found.LengthBytes, place.LengthBytes);
        return found;
    }

    private static FileSystemMap? Swap(ProbeWindow window, int pageBytes)
    {
        if (window.Read(pageBytes - 10, 10) is not { } magic || !magic.AsSpan().SequenceEqual("SWAPSPACE2"u8) || window.Read(1024, 44) is not { } header)
            return null;
        var length = (ReadUInt32LittleEndian(header.AsSpan(4)) + 1L) * pageBytes;
        return new("swap", ProbeWindow.Text(header.AsSpan(28, 16)), ProbeWindow.Uuid(header.AsSpan(12, 16)), length, null);
    }

    private static FileSystemMap? SquashFs(ProbeWindow window)
    {
        if (window.Read(0, 96) is not { } block || !block.AsSpan().StartsWith("hsqs"u8))
            return null;
        var used = ReadInt64LittleEndian(block.AsSpan(40));
        return new("squashfs", null, null, used < 0 ? null : used, used < 0 ? null : used);
    }

    private static FileSystemMap? Erofs(ProbeWindow window)
    {
        if (window.Read(1024, 128) is not { } block || ReadUInt32LittleEndian(block) != 0xE0F5E1E2 || block[12] is < 9 or > 16)
            return null;
        var length = (long)ReadUInt32LittleEndian(block.AsSpan(36)) << block[12];
        return new("erofs", ProbeWindow.Text(block.AsSpan(64, 16)), ProbeWindow.Uuid(block.AsSpan(48, 16)), length, length);
    }

    /// <summary>The primary volume descriptor; ECMA-119 §8.4.</summary>
    private static FileSystemMap? Iso9660(ProbeWindow window)
    {
        if (window.Read(32768, 2048) is not { } volume || volume[0] != 1 || !volume.AsSpan(1, 5).SequenceEqual("CD001"u8))
            return null;
        var length = (long)ReadUInt32LittleEndian(volume.AsSpan(80)) * ReadUInt16LittleEndian(volume.AsSpan(128));
        return new("iso9660", ProbeWindow.Text(volume.AsSpan(40, 32)), null, length, length);
    }

    /// <summary>Known by name only.</summary>
    private static FileSystemMap? ByMagic(ProbeWindow window)
    {
        var start = window.Read(0, 8);
        var kind = start is null ? null
            : start.AsSpan().StartsWith("XFSB"u8) ? "xfs"
            : start.AsSpan().StartsWith((ReadOnlySpan<byte>)[0x4C, 0x55, 0x4B, 0x53, 0xBA, 0xBE]) ? "luks"
            : start.AsSpan(3).StartsWith("NTFS"u8) ? "ntfs"
            : window.Read(65600, 8)?.AsSpan().SequenceEqual("_BHRfS_M"u8) == true ? "btrfs" : null;
        return kind is null ? null : new(kind, null, null, null, null);
    }
}

/// <summary>The place that is looked into; offsets count from its start and nothing outside of it is read.</summary>
internal sealed record ProbeWindow(ImageReader Reader, Region Place, DiagnosticBag Bag)
{
    public byte[]? Read(long offsetBytes, int count) =>
        offsetBytes < 0 || offsetBytes > Place.LengthBytes - count ? null : Reader.Read(Place.OffsetBytes + offsetBytes, count);

    public void Damaged(string kind, string what) => Bag.Add(InspectRules.FileSystemDamaged, null, kind, Place.OffsetBytes, what);

    /// <summary>A label: what stands before the first zero, without blanks at its end; null where nothing is left.</summary>
    public static string? Text(ReadOnlySpan<byte> field)
    {
        var end = field.IndexOf((byte)0);
        var text = Encoding.UTF8.GetString(end < 0 ? field : field[..end]).TrimEnd();
        return text.Length == 0 ? null : text;
    }

    public static string Uuid(ReadOnlySpan<byte> field) => new Guid(field, bigEndian: true).ToString();
}
