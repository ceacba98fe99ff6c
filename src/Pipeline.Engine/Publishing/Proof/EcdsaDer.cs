using System.Formats.Asn1;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>RFC 3279, 2.2.3: <c>SEQUENCE { r INTEGER, s INTEGER }</c>.</summary>
internal static class EcdsaDer
{
    public static byte[] Write(Scalar r, Scalar s)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            Write(writer, r);
            Write(writer, s);
        }
        return writer.Encode();
    }

    private static void Write(AsnWriter writer, Scalar number)
    {
        Span<byte> bytes = stackalloc byte[Scalar.Bytes];
        number.WriteTo(bytes);
        writer.WriteIntegerUnsigned(bytes[Math.Min(bytes.IndexOfAnyExcept((byte)0), Scalar.Bytes - 1)..]);
    }
}
