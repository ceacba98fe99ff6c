using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Proof;

public sealed class SigstoreBundleTests
{
    private static readonly byte[] Sums = "0123  a.img\n"u8.ToArray();

    [Fact]
    public void Sigstores_own_verifier_accepts_it_and_no_other()
    {
        var bundle = SigstoreBundle.OfMessage(Sums, SigningKeys.Known.Sign(Sums), SigningKeys.Known.Public);
        Sigstore.Verify(bundle, SigningKeys.Known.Public, Sums).Output.ShouldContain("VERIFIED");
        Sigstore.Verify(bundle, SigningKeys.Known.Public, [.. Sums, 1]).Output.ShouldNotContain("VERIFIED");
        Sigstore.Verify(bundle, SigningKeys.Other.Public, Sums).Output.ShouldNotContain("VERIFIED");
    }

    [Fact]
    public void It_is_read_back()
    {
        var signature = SigningKeys.Known.Sign(Sums);
        var read = SigstoreBundle.ReadMessage(SigstoreBundle.OfMessage(Sums, signature, SigningKeys.Known.Public)).ShouldNotBeNull();
        read.Signature.ShouldBe(signature);
        read.Sha256.ShouldBe(System.Security.Cryptography.SHA256.HashData(Sums));
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("""{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json"}""")]
    [InlineData("""{"mediaType":"x","verificationMaterial":{},"messageSignature":{"messageDigest":{"algorithm":"SHA2_256","digest":""},"signature":""}}""")]
    public void What_is_none_is_none(string json) => SigstoreBundle.ReadMessage(Encoding.UTF8.GetBytes(json)).ShouldBeNull();
}
