using System.Globalization;
using System.Numerics;
using System.Security.Cryptography;
using System.Text;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>The judge is <see cref="BigInteger"/>, which is right and not safe.</summary>
public sealed class ScalarTests
{
    private static readonly BigInteger Order = Number("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    public static TheoryData<string> Edges => [.. Numbers().Take(12).Select(n => n.ToString("x64", CultureInfo.InvariantCulture)[^64..])];

    [Fact]
    public void Sums_products_and_inverses_are_those_of_whole_numbers()
    {
        var numbers = Numbers().ToList();
        foreach (var (left, right) in numbers.Zip(numbers.Skip(1).Append(numbers[0])))
        {
            Read(Of(left) + Of(right)).ShouldBe((left + right) % Order);
            Read(Of(left) * Of(right)).ShouldBe(left * right % Order);
            if (left % Order != 0)
                Read(Of(left).Invert()).ShouldBe(BigInteger.ModPow(left, Order - 2, Order));
        }
    }

    [Theory]
    [MemberData(nameof(Edges))]
    public void Only_one_to_the_order_less_one_are_in_range(string hex)
    {
        var number = Number(hex);
        Scalar.IsInRange(Convert.FromHexString(hex)).ShouldBe(number > 0 && number < Order);
        Read(Scalar.Reduce(Convert.FromHexString(hex))).ShouldBe(number % Order);
    }

    /// <summary>The edges first, then many that chance would give, from a hash.</summary>
    private static IEnumerable<BigInteger> Numbers()
    {
        var edges = new BigInteger[] { 0, 1, 2, Order - 2, Order - 1, Order, Order + 1, (BigInteger.One << 256) - 1, BigInteger.One << 255, ulong.MaxValue, BigInteger.One << 64, (BigInteger.One << 256) - Order };
        return edges.Concat(Enumerable.Range(0, 400).Select(i => new BigInteger(SHA256.HashData(Encoding.ASCII.GetBytes($"{i}")), isUnsigned: true, isBigEndian: true)));
    }

    private static BigInteger Number(string hex) => BigInteger.Parse("0" + hex, NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static Scalar Of(BigInteger number)
    {
        var bytes = new byte[32];
        number.TryWriteBytes(bytes.AsSpan(32 - number.GetByteCount(isUnsigned: true)), out _, isUnsigned: true, isBigEndian: true).ShouldBeTrue();
        return Scalar.Reduce(bytes);
    }

    private static BigInteger Read(Scalar scalar)
    {
        var bytes = new byte[32];
        scalar.WriteTo(bytes);
        return new(bytes, isUnsigned: true, isBigEndian: true);
    }
}
