using System.Buffers.Binary;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>
/// A number modulo the order of P-256 (FIPS 186-4, D.1.2.3), as four words of 64 bits, the lowest first. Neither branches
/// nor addresses depend on values: every product is a Montgomery product of the same steps.
/// </summary>
internal readonly struct Scalar
{
    public const int Bytes = 32;
    private const int Words = 4;

    /// <summary>n.</summary>
    private static readonly Scalar Order = new(0xF3B9CAC2FC632551, 0xBCE6FAADA7179E84, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF00000000);

    /// <summary>n - 2: by Fermat, a to this power is the inverse of a.</summary>
    private static readonly Scalar InverseExponent = new(0xF3B9CAC2FC63254F, 0xBCE6FAADA7179E84, 0xFFFFFFFFFFFFFFFF, 0xFFFFFFFF00000000);

    /// <summary>-1/n modulo 2^64.</summary>
    private const ulong Factor = 0xCCD1C8AAEE00BC4F;

    /// <summary>2^512 modulo n: brings a number into Montgomery's form.</summary>
    private static readonly Scalar Square = new(0x83244C95BE79EEA2, 0x4699799C49BD6FA6, 0x2845B2392B6BEC59, 0x66E12D94F3D95620);

    private static readonly Scalar One = new(1, 0, 0, 0);

    private readonly ulong _w0;
    private readonly ulong _w1;
    private readonly ulong _w2;
    private readonly ulong _w3;

    private Scalar(ulong w0, ulong w1, ulong w2, ulong w3) => (_w0, _w1, _w2, _w3) = (w0, w1, w2, w3);

    public bool IsZero => (_w0 | _w1 | _w2 | _w3) == 0;

    /// <summary>Big-endian bytes, modulo n; at most one subtraction, because n is above half of 2^256.</summary>
    public static Scalar Reduce(ReadOnlySpan<byte> bigEndian) => Below(Read(bigEndian), 0);

    /// <summary>1 to n - 1.</summary>
    public static bool IsInRange(ReadOnlySpan<byte> bigEndian)
    {
        var read = Read(bigEndian);
        Subtract(read, out var borrow);
        return borrow == 1 && !read.IsZero;
    }

    public void WriteTo(Span<byte> bigEndian)
    {
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian, _w3);
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian[8..], _w2);
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian[16..], _w1);
        BinaryPrimitives.WriteUInt64BigEndian(bigEndian[24..], _w0);
    }

    public static Scalar operator +(Scalar left, Scalar right)
    {
        ulong carry = 0;
        var w0 = Add(left._w0, right._w0, ref carry);
        var w1 = Add(left._w1, right._w1, ref carry);
        var w2 = Add(left._w2, right._w2, ref carry);
        var w3 = Add(left._w3, right._w3, ref carry);
        return Below(new(w0, w1, w2, w3), carry);
    }

    public static Scalar operator *(Scalar left, Scalar right) => Montgomery(Montgomery(left, right), Square);

    /// <summary>Of what is not zero.</summary>
    public Scalar Invert()
    {
        var power = Montgomery(this, Square);
        var result = Montgomery(One, Square);
        for (var bit = 0; bit < 64 * Words; bit++)
        {
            // The exponent is no secret.
            if ((InverseExponent.Word(bit / 64) >> (bit % 64) & 1) == 1)
                result = Montgomery(result, power);
            power = Montgomery(power, power);
        }
        return Montgomery(result, One);
    }

    private static Scalar Read(ReadOnlySpan<byte> bigEndian) => new(
        BinaryPrimitives.ReadUInt64BigEndian(bigEndian[24..]), BinaryPrimitives.ReadUInt64BigEndian(bigEndian[16..]),
        BinaryPrimitives.ReadUInt64BigEndian(bigEndian[8..]), BinaryPrimitives.ReadUInt64BigEndian(bigEndian));

    /// <summary>left * right / 2^256 modulo n.</summary>
    private static Scalar Montgomery(Scalar left, Scalar right)
    {
        Span<ulong> sum = stackalloc ulong[Words + 2];
        sum.Clear();
        for (var i = 0; i < Words; i++)
        {
            AddProduct(sum, left, right.Word(i));
            AddProduct(sum, Order, sum[0] * Factor);
            sum[1..].CopyTo(sum);
            sum[Words + 1] = 0;
        }
        return Below(new(sum[0], sum[1], sum[2], sum[3]), sum[Words]);
    }

    private static void AddProduct(Span<ulong> sum, Scalar number, ulong factor)
    {
        ulong high = 0;
        for (var j = 0; j < Words; j++)
        {
            var product = (UInt128)number.Word(j) * factor + sum[j] + high;
            (sum[j], high) = ((ulong)product, (ulong)(product >> 64));
        }
        ulong carry = 0;
        sum[Words] = Add(sum[Words], high, ref carry);
        sum[Words + 1] += carry;
    }

    /// <summary>The number, or the number less n where that is not negative.</summary>
    /// <param name="carry">What stands above the four words: 0 or 1.</param>
    private static Scalar Below(Scalar number, ulong carry)
    {
        var less = Subtract(number, out var borrow);
        // All ones keeps the number: nothing stood above it, and it is smaller than n.
        var keep = 0 - (borrow & (carry ^ 1));
        return new(
            Choose(keep, number._w0, less._w0), Choose(keep, number._w1, less._w1), Choose(keep, number._w2, less._w2), Choose(keep, number._w3, less._w3));
    }

    private static Scalar Subtract(Scalar number, out ulong borrow)
    {
        borrow = 0;
        return new(
            Take(number._w0, Order._w0, ref borrow), Take(number._w1, Order._w1, ref borrow), Take(number._w2, Order._w2, ref borrow), Take(number._w3, Order._w3, ref borrow));
    }

    private static ulong Choose(ulong mask, ulong yes, ulong no) => (yes & mask) | (no & ~mask);

    private static ulong Add(ulong left, ulong right, ref ulong carry)
    {
        var sum = (UInt128)left + right + carry;
        carry = (ulong)(sum >> 64);
        return (ulong)sum;
    }

    private static ulong Take(ulong left, ulong right, ref ulong borrow)
    {
        var difference = (UInt128)left - right - borrow;
        borrow = (ulong)(difference >> 64) & 1;
        return (ulong)difference;
    }

    private ulong Word(int index) => index switch { 0 => _w0, 1 => _w1, 2 => _w2, _ => _w3 };
}
