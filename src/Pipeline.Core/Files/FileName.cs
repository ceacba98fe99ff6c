using System.Text;

namespace Pipeline.Core.Files;

/// <summary>
/// One name in a directory: 1 or more raw bytes without NUL and '/'. Names are bytes, not text; they compare ordinally,
/// byte by byte, so that an order never depends on a locale.
/// </summary>
public readonly struct FileName(byte[] bytes) : IEquatable<FileName>, IComparable<FileName>
{
    private readonly byte[]? _bytes = bytes;

    public ReadOnlySpan<byte> Bytes => _bytes;

    public int Length => _bytes?.Length ?? 0;

    public static FileName Of(string text) => new(Encoding.UTF8.GetBytes(text));

    public static FileName Of(ReadOnlySpan<byte> bytes) => new(bytes.ToArray());

    public bool Equals(FileName other) => Bytes.SequenceEqual(other.Bytes);

    public override bool Equals(object? obj) => obj is FileName other && Equals(other);

    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Bytes);
        return hash.ToHashCode();
    }

    public int CompareTo(FileName other) => Bytes.SequenceCompareTo(other.Bytes);

    /// <summary>For messages only: bytes that are not UTF-8 are shown as replacement characters.</summary>
    public override string ToString() => Encoding.UTF8.GetString(Bytes);

    public static bool operator ==(FileName left, FileName right) => left.Equals(right);

    public static bool operator !=(FileName left, FileName right) => !left.Equals(right);

    public static bool operator <(FileName left, FileName right) => left.CompareTo(right) < 0;

    public static bool operator >(FileName left, FileName right) => left.CompareTo(right) > 0;

    public static bool operator <=(FileName left, FileName right) => left.CompareTo(right) <= 0;

    public static bool operator >=(FileName left, FileName right) => left.CompareTo(right) >= 0;
}
