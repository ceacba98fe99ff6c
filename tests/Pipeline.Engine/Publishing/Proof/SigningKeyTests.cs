using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Proof;

public sealed class SigningKeyTests
{
    [Theory] // RFC 6979, A.2.5, with SHA-256
    [InlineData("sample", "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716", "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8")]
    [InlineData("test", "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367", "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083")]
    public void The_vectors_of_the_standard(string message, string r, string s)
    {
        var sequence = new AsnReader(SigningKeys.Known.Sign(Encoding.ASCII.GetBytes(message)), AsnEncodingRules.DER).ReadSequence();
        sequence.ReadInteger().ToString("X64", null)[^64..].ShouldBe(r);
        sequence.ReadInteger().ToString("X64", null)[^64..].ShouldBe(s);
    }

    [Theory]
    [InlineData("sample", "A6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60")]
    [InlineData("test", "D16B6AE827F17175E040871A1C7EC3500192C4C92677336EC2537ACAEE0008E0")]
    public void The_secret_number_is_that_of_the_standard(string message, string k)
    {
        var nonce = new DeterministicNonce(Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"), SHA256.HashData(Encoding.ASCII.GetBytes(message)));
        Convert.ToHexString(nonce.Next()).ShouldBe(k);
        Convert.ToHexString(nonce.Next()).ShouldNotBe(k);
    }

    [Fact]
    public void Signatures_of_many_messages_and_keys_verify_with_openssl_and_are_always_the_same()
    {
        using var temp = new TempDir();
        for (var i = 0; i < 12; i++)
        {
            var message = SHA256.HashData(Encoding.ASCII.GetBytes($"message {i}")).AsSpan(0, i * 2).ToArray();
            var key = SigningKey.Of(SHA256.HashData(Encoding.ASCII.GetBytes($"key {i}")));
            var signature = key.Sign(message);
            key.Sign(message).ShouldBe(signature);
            OpenSsl(temp, key, message, signature).ShouldContain("Verified OK");
            signature[^1] ^= 1;
            OpenSsl(temp, key, message, signature).ShouldNotContain("Verified OK");
            signature[^1] ^= 1;
            OpenSsl(temp, key, [.. message, 1], signature).ShouldNotContain("Verified OK");
        }
    }

    [Theory]
    [InlineData("0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551")]
    [InlineData("01")]
    public void What_is_no_key_is_refused(string hex) => Should.Throw<CryptographicException>(() => SigningKey.Of(Convert.FromHexString(hex)));

    private static string OpenSsl(TempDir temp, SigningKey key, byte[] message, byte[] signature)
    {
        File.WriteAllBytes(temp["message"], message);
        File.WriteAllBytes(temp["signature"], signature);
        File.WriteAllText(temp["key.pem"], key.Public.Pem);
        return Tool.Run("openssl", "dgst", "-sha256", "-verify", temp["key.pem"], "-signature", temp["signature"], temp["message"]).Output;
    }
}
