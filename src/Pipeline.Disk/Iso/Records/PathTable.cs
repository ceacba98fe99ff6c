using Pipeline.Disk.Iso.Placing;
using static System.Buffers.Binary.BinaryPrimitives;

namespace Pipeline.Disk.Iso.Records;

/// <summary>The list of all directories, in order of depth, parent and name: ECMA-119 §9.4. Linux does not read it, others do.</summary>
internal static class PathTable
{
    private const int HeaderBytes = 8;

    public static int LengthBytes(DirectoryView view) => view.Directories.Sum(d => RecordBytes(d.Identifier));

    public static byte[] Encode(DirectoryView view, bool isBigEndian)
    {
        var table = new byte[LengthBytes(view)];
        var rest = table.AsSpan();
        foreach (var directory in view.Directories)
        {
            rest[0] = (byte)directory.Identifier.Length;
            if (isBigEndian)
            {
                WriteUInt32BigEndian(rest[2..], (uint)view.Seen(directory.Block));
                WriteUInt16BigEndian(rest[6..], (ushort)directory.Parent.Number);
            }
            else
            {
                WriteUInt32LittleEndian(rest[2..], (uint)view.Seen(directory.Block));
                WriteUInt16LittleEndian(rest[6..], (ushort)directory.Parent.Number);
            }
            directory.Identifier.CopyTo(rest[HeaderBytes..]);
            rest = rest[RecordBytes(directory.Identifier)..];
        }
        return table;
    }

    private static int RecordBytes(byte[] identifier) => (HeaderBytes + identifier.Length + 1) / 2 * 2;
}
