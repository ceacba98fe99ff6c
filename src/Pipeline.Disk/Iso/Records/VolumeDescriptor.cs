using System.Text;
using Pipeline.Core.Files;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Iso.Records;

/// <summary>Where the parts of one directory tree lie, in blocks of the volume that shows it.</summary>
internal sealed record VolumePlaces(long VolumeBlocks, int PathTableBytes, long PathTableL, long PathTableM, long RootBlock, long RootBytes);

/// <summary>A primary or supplementary volume descriptor: ECMA-119 §8.4 and §8.5; the latter with the characters of Joliet.</summary>
internal sealed class VolumeDescriptor(IsoOptions options, VolumePlaces places, UnixTime rootTime, bool isJoliet)
{
    public const int ApplicationUseByte = 883;
    public const int ApplicationUseBytes = 512;
    private const byte Primary = 1;
    private const byte Supplementary = 2;
    private const byte Terminator = 255;

    /// <summary>UCS-2 level 3, as Joliet's specification says it.</summary>
    private static ReadOnlySpan<byte> JolietEscape => "%/E"u8;

    /// <summary>The last of a set.</summary>
    public static byte[] End()
    {
        var block = new byte[IsoFormat.BlockBytes];
        WriteHeader(block, Terminator);
        return block;
    }

    /// <param name="applicationUse">At most 512 bytes, the rest is filled with spaces.</param>
    public byte[] ToBlock(ReadOnlySpan<byte> applicationUse)
    {
        var block = new byte[IsoFormat.BlockBytes];
        WriteHeader(block, isJoliet ? Supplementary : Primary);
        Text(block.AsSpan(8, 32), options.SystemId);                        // System Identifier
        Text(block.AsSpan(40, 32), options.VolumeId);                       // Volume Identifier
        BothEndian.Write32(block.AsSpan(80), places.VolumeBlocks);          // Volume Space Size
        if (isJoliet)
            JolietEscape.CopyTo(block.AsSpan(88));                          // Escape Sequences
        BothEndian.Write16(block.AsSpan(120), 1);                           // Volume Set Size
        BothEndian.Write16(block.AsSpan(124), 1);                           // Volume Sequence Number
        BothEndian.Write16(block.AsSpan(128), IsoFormat.BlockBytes);        // Logical Block Size
        WritePlaces(block);
        WriteNames(block);
        WriteTimes(block);
        block[881] = 1;                                                     // File Structure Version
        var use = block.AsSpan(ApplicationUseByte, ApplicationUseBytes);    // Application Use
        use.Fill((byte)' ');
        applicationUse.CopyTo(use);
        return block;
    }

    private static void WriteHeader(Span<byte> block, byte type)
    {
        block[0] = type;                                                    // Volume Descriptor Type
        "CD001"u8.CopyTo(block[1..]);                                       // Standard Identifier
        block[6] = 1;                                                       // Volume Descriptor Version
    }

    private void WritePlaces(Span<byte> block)
    {
        BothEndian.Write32(block[132..], places.PathTableBytes);            // Path Table Size
        WriteUInt32LittleEndian(block[140..], (uint)places.PathTableL);
        WriteUInt32BigEndian(block[148..], (uint)places.PathTableM);
        var root = block.Slice(156, DirectoryRecord.LengthOf(1));           // Directory Record for Root Directory
        new DirectoryRecord(places.RootBlock, places.RootBytes, rootTime, RecordFlags.Directory).WriteTo(root, [0]);
    }

    private void WriteNames(Span<byte> block)
    {
        Text(block.Slice(190, 128), "");                                    // Volume Set Identifier
        Text(block.Slice(318, 128), options.Publisher);                     // Publisher Identifier
        Text(block.Slice(446, 128), options.Preparer);                      // Data Preparer Identifier
        Text(block.Slice(574, 128), options.Application);                   // Application Identifier
        Text(block.Slice(702, 37), "");                                     // Copyright File Identifier
        Text(block.Slice(739, 37), "");                                     // Abstract File Identifier
        Text(block.Slice(776, 37), "");                                     // Bibliographic File Identifier
    }

    private void WriteTimes(Span<byte> block)
    {
        IsoTime.WriteLong(block[813..], options.Clock);                     // Volume Creation
        IsoTime.WriteLong(block[830..], options.Clock);                     // Volume Modification
        IsoTime.WriteNever(block[847..]);                                   // Volume Expiration
        IsoTime.WriteNever(block[864..]);                                   // Volume Effective
    }

    /// <summary>ASCII, or big-endian UCS-2; filled with spaces, cut where it is too long.</summary>
    private void Text(Span<byte> field, string text)
    {
        if (!isJoliet)
        {
            field.Fill((byte)' ');
            Encoding.ASCII.GetBytes(text.AsSpan(0, Math.Min(text.Length, field.Length)), field);
            return;
        }
        var characters = field.Length / 2;
        Encoding.BigEndianUnicode.GetBytes(text[..Math.Min(text.Length, characters)].PadRight(characters), field);
    }
}
