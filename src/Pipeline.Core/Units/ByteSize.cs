using System.Globalization;

namespace Pipeline.Core.Units;

/// <summary>A length in bytes. Never negative.</summary>
public readonly record struct ByteSize(long Bytes) : IComparable<ByteSize>
{
    public static ByteSize Zero => new(0);

    public static ByteSize KiB(long count) => new(checked(count << 10));

    public static ByteSize MiB(long count) => new(checked(count << 20));

    public static ByteSize GiB(long count) => new(checked(count << 30));

    /// <summary>Rounds up to a multiple of <paramref name="step"/>, a power of two.</summary>
    public ByteSize AlignUp(ByteSize step) => new(checked(Bytes + step.Bytes - 1) & -step.Bytes);

    public int CompareTo(ByteSize other) => Bytes.CompareTo(other.Bytes);

    public static ByteSize operator +(ByteSize left, ByteSize right) => new(checked(left.Bytes + right.Bytes));

    public static ByteSize operator -(ByteSize left, ByteSize right) => new(checked(left.Bytes - right.Bytes));

    public static bool operator <(ByteSize left, ByteSize right) => left.Bytes < right.Bytes;

    public static bool operator >(ByteSize left, ByteSize right) => left.Bytes > right.Bytes;

    public static bool operator <=(ByteSize left, ByteSize right) => left.Bytes <= right.Bytes;

    public static bool operator >=(ByteSize left, ByteSize right) => left.Bytes >= right.Bytes;

    /// <summary>The largest binary unit that leaves at least 1, with one decimal where it is not whole: <c>512 MiB</c>, <c>1.5 GiB</c>, <c>17 B</c>.</summary>
    public override string ToString()
    {
        ReadOnlySpan<string> units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var unit = 0;
        while (unit < units.Length - 1 && Bytes >= 1L << (10 * (unit + 1)))
            unit++;
        var step = 1L << (10 * unit);
        var digits = Bytes % step == 0 ? "0" : "0.0";
        return ((double)Bytes / step).ToString(digits, CultureInfo.InvariantCulture) + " " + units[unit];
    }
}
