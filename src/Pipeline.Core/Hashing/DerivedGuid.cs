using System.Security.Cryptography;
using System.Text;

namespace Pipeline.Core.Hashing;

/// <summary>Identifiers that follow from the inputs, so that the same inputs give the same bytes. RFC 9562 §5.8 (version 8).</summary>
public static class DerivedGuid
{
    /// <summary>The identifier of <paramref name="purpose"/> ("disk", "partition 2", "root file system") below <paramref name="seed"/>.</summary>
    public static Guid Create(ReadOnlySpan<byte> seed, string purpose)
    {
        Span<byte> key = stackalloc byte[32];
        HMACSHA256.HashData(seed, Encoding.UTF8.GetBytes(purpose), key);
        key[6] = (byte)((key[6] & 0x0F) | 0x80);
        key[8] = (byte)((key[8] & 0x3F) | 0x80);
        return new Guid(key[..16], bigEndian: true);
    }

    /// <summary>The same for the 32-bit identifiers of FAT and MBR. Never zero.</summary>
    public static uint CreateUInt32(ReadOnlySpan<byte> seed, string purpose)
    {
        Span<byte> key = stackalloc byte[32];
        HMACSHA256.HashData(seed, Encoding.UTF8.GetBytes(purpose), key);
        return BitConverter.ToUInt32(key) | 1;
    }
}
