using System.Text;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Proof;

public sealed class DsseEnvelopeTests
{
    private static readonly byte[] Statement = """{"_type":"https://in-toto.io/Statement/v1"}"""u8.ToArray();

    [Fact]
    public void What_is_signed_is_the_encoding_of_the_standard() =>
        Encoding.ASCII.GetString(new DsseEnvelope("http://example.com/HelloWorld", "hello world"u8.ToArray(), []).SignedBytes()).ShouldBe("DSSEv1 29 http://example.com/HelloWorld 11 hello world");

    [Fact]
    public void Lines_are_read_back_as_they_were_written()
    {
        var lines = DsseEnvelope.WriteLines([DsseEnvelope.Create(Statement, SigningKeys.Known), DsseEnvelope.Create(Statement, null)]);
        lines.Count(b => b == '\n').ShouldBe(2);
        var (read, problem) = DsseEnvelope.ReadLines(lines);
        problem.ShouldBeNull();
        read!.Value[0].Payload.ToArray().ShouldBe(Statement);
        read.Value[0].Signatures.ShouldHaveSingleItem().KeyId.ShouldBe(SigningKeys.Known.Public.Id);
        SigningKeys.Known.Public.Verifies(read.Value[0].SignedBytes(), read.Value[0].Signatures[0].Signature.Span).ShouldBeTrue();
        read.Value[1].Signatures.ShouldBeEmpty();
    }

    /// <summary>In a bundle of Sigstore's, as cosign keeps attestations.</summary>
    [Fact]
    public void Sigstores_own_verifier_accepts_an_envelope_and_nothing_else()
    {
        var line = Encoding.UTF8.GetString(DsseEnvelope.WriteLines([DsseEnvelope.Create(Statement, SigningKeys.Known)])).Trim();
        Verify(line).Output.ShouldContain("VERIFIED");
        Verify(line.Replace("eyJ", "eyK", StringComparison.Ordinal)).Output.ShouldNotContain("VERIFIED");

        static ToolResult Verify(string envelope) => Sigstore.Verify(
            Encoding.UTF8.GetBytes($$$"""{"mediaType":"{{{SigstoreBundle.MediaType}}}","verificationMaterial":{"publicKey":{"hint":"{{{SigningKeys.Known.Public.Hint}}}"}},"dsseEnvelope":{{{envelope}}} }"""),
            SigningKeys.Known.Public, null);
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("\n\n", "it is empty")]
    [InlineData("{}", "line 1")]
    [InlineData("""{"payload":"e30=","payloadType":"x","signatures":[]}null""", "line 1")]
    [InlineData("""{"payload":"%","payloadType":"x","signatures":[]}""", "line 1")]
    [InlineData("""{"payload":"e30=","payloadType":"x","signatures":[null]}""", "line 1")]
    [InlineData("""{"payload":"e30=","payloadType":"x","signatures":null}""", "line 1")]
    [InlineData("{\"payload\":\"e30=\",\"payloadType\":\"x\",\"signatures\":[]}\nhello", "line 2")]
    public void What_is_no_envelope_is_told_with_its_line(string text, string said) => DsseEnvelope.ReadLines(Encoding.UTF8.GetBytes(text)).Problem.ShouldNotBeNull().ShouldContain(said);
}
