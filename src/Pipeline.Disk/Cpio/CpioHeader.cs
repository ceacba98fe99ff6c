using System.Globalization;

namespace Pipeline.Disk.Cpio;

/// <summary>
/// The header of one entry of a "newc" archive: a magic and 13 numbers of eight hex digits each, as text. Linux,
/// Documentation/driver-api/early-userspace/buffer-format.rst.
/// </summary>
/// <param name="Mode">Type and permissions as in <c>st_mode</c>.</param>
/// <param name="Links">How many names the inode has in the archive.</param>
/// <param name="Mtime">Seconds since 1970; until 2106.</param>
/// <param name="FileBytes">Zero for all that has no body.</param>
/// <param name="Major">Of the device that the entry is.</param>
/// <param name="NameBytes">With the NUL at its end.</param>
internal readonly record struct CpioHeader(
    uint Inode, uint Mode, uint Uid, uint Gid, uint Links, uint Mtime, uint FileBytes, uint Major, uint Minor, uint NameBytes)
{
    public const int SizeBytes = 110;
    private const int DigitCount = 8;

    /// <summary>Fills <see cref="SizeBytes"/> bytes.</summary>
    public void WriteTo(Span<byte> header)
    {
        "070701"u8.CopyTo(header);          // c_magic: newc, without a checksum
        Put(header, 0, Inode);              // c_ino
        Put(header, 1, Mode);               // c_mode
        Put(header, 2, Uid);                // c_uid
        Put(header, 3, Gid);                // c_gid
        Put(header, 4, Links);              // c_nlink
        Put(header, 5, Mtime);              // c_mtime
        Put(header, 6, FileBytes);          // c_filesize
        Put(header, 7, 0);                  // c_maj: all inodes are of one device
        Put(header, 8, 0);                  // c_min
        Put(header, 9, Major);              // c_rmaj
        Put(header, 10, Minor);             // c_rmin
        Put(header, 11, NameBytes);         // c_namesize
        Put(header, 12, 0);                 // c_chksum: only with the magic 070702
    }

    private static void Put(Span<byte> header, int field, uint value) =>
        value.TryFormat(header.Slice(6 + field * DigitCount, DigitCount), out _, "X8", CultureInfo.InvariantCulture);
}
