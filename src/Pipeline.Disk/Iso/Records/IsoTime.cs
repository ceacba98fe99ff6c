using System.Globalization;
using System.Text;
using Pipeline.Core.Files;

namespace Pipeline.Disk.Iso.Records;

/// <summary>The two forms of a time; always UTC.</summary>
internal static class IsoTime
{
    public const int ShortBytes = 7;
    public const int LongBytes = 17;
    private static readonly long FirstShort = new DateTimeOffset(1900, 1, 1, 0, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
    private static readonly long LastShort = new DateTimeOffset(2155, 12, 31, 23, 59, 59, TimeSpan.Zero).ToUnixTimeSeconds();

    /// <summary>Directory records, ECMA-119 §9.1.5: years from 1900 to 2155; others are moved there.</summary>
    public static void WriteShort(Span<byte> place, UnixTime time)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(time.Seconds, FirstShort, LastShort));
        place[0] = (byte)(at.Year - 1900);
        place[1] = (byte)at.Month;
        place[2] = (byte)at.Day;
        place[3] = (byte)at.Hour;
        place[4] = (byte)at.Minute;
        place[5] = (byte)at.Second;
        place[6] = 0;                                       // offset from UTC in quarters of an hour
    }

    /// <summary>Volume descriptors, ECMA-119 §8.4.26.1: digits, then the offset from UTC.</summary>
    public static void WriteLong(Span<byte> place, UnixTime time)
    {
        var at = DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(time.Seconds, FirstShort, LastShort));
        Encoding.ASCII.GetBytes(at.ToString("yyyyMMddHHmmss'00'", CultureInfo.InvariantCulture), place);
        place[16] = 0;
    }

    /// <summary>Not given: all digits are zero.</summary>
    public static void WriteNever(Span<byte> place)
    {
        place[..16].Fill((byte)'0');
        place[16] = 0;
    }
}
