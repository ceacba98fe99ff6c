using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>Keys that openssl made, in all their forms.</summary>
public sealed class KeyFileTests : IDisposable
{
    private readonly TempDir _temp = new();

    public KeyFileTests() => OpenSsl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", _temp["sec1.pem"]);

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData("SEC 1", "ec", "-in", "sec1.pem")]
    [InlineData("SEC 1 with its parameters before it", "ecparam", "-name", "prime256v1", "-genkey")]
    [InlineData("PKCS #8", "pkcs8", "-topk8", "-nocrypt", "-in", "sec1.pem")]
    [InlineData("encrypted PKCS #8", "pkcs8", "-topk8", "-in", "sec1.pem", "-passout", "pass:correct horse battery staple")]
    [InlineData("encrypted PKCS #8 with another cipher", "pkcs8", "-topk8", "-v2", "aes-128-cbc", "-in", "sec1.pem", "-passout", "pass:correct horse battery staple")]
    public void Every_form_of_a_private_key_is_read(string form, params string[] arguments)
    {
        var pem = OpenSsl([.. arguments.Select(a => a == "sec1.pem" ? _temp[a] : a)]);
        var (key, problem) = KeyFile.Read(new(pem, "test"), new(SigningKeys.Passphrase, "test"));
        problem.ShouldBeNull(form);
        File.WriteAllText(_temp["key.pem"], pem);
        OpenSsl("pkey", "-in", _temp["key.pem"], "-passin", "pass:" + SigningKeys.Passphrase, "-pubout").ShouldBe(key!.Public.Pem);
    }

    [Theory]
    [InlineData("a key on another curve", "its curve is not P-256", "ecparam", "-name", "secp384r1", "-genkey", "-noout")]
    [InlineData("a key on a curve of the same length", "its curve is not P-256", "ecparam", "-name", "secp256k1", "-genkey", "-noout")]
    [InlineData("RSA", "no private key of an elliptic curve", "genrsa", "1024")]
    [InlineData("Ed25519", "no private key of an elliptic curve", "genpkey", "-algorithm", "ed25519")]
    [InlineData("a public key", "it is a public key", "ec", "-in", "sec1.pem", "-pubout")]
    [InlineData("the old encrypted form", "openssl pkcs8 -topk8", "ec", "-in", "sec1.pem", "-aes256", "-passout", "pass:secret")]
    [InlineData("another passphrase", "the passphrase does not open it", "pkcs8", "-topk8", "-in", "sec1.pem", "-passout", "pass:another")]
    public void What_cannot_sign_is_told_in_our_words(string what, string said, params string[] arguments)
    {
        var pem = OpenSsl([.. arguments.Select(a => a == "sec1.pem" ? _temp[a] : a)]);
        var (key, problem) = KeyFile.Read(new(pem, "test"), new(SigningKeys.Passphrase, "test"));
        key.ShouldBeNull(what);
        problem.ShouldNotBeNull(what).ShouldContain(said);
        foreach (var line in pem.Split('\n').Where(l => l.Length > 30 && !l.Contains("KEY", StringComparison.Ordinal)))
            problem.ShouldNotContain(line);
    }

    [Theory]
    [InlineData("-----BEGIN ENCRYPTED SIGSTORE PRIVATE KEY-----\nAAAA\n-----END ENCRYPTED SIGSTORE PRIVATE KEY-----\n", "cosign's own form")]
    [InlineData("hunter2", "no private key")]
    [InlineData("", "no private key")]
    public void Neither_is_what_is_no_key_at_all(string text, string said) => KeyFile.Read(new(text, "test"), null).Problem.ShouldNotBeNull().ShouldContain(said);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_new_key_is_read_by_openssl_and_by_us(bool isEncrypted)
    {
        var pem = SigningKeys.New(isEncrypted);
        File.WriteAllText(_temp["new.pem"], pem);
        KeyFile.IsEncrypted(pem).ShouldBe(isEncrypted);
        var key = KeyFile.Read(new(pem, "test"), isEncrypted ? new(SigningKeys.Passphrase, "test") : null).Key.ShouldNotBeNull();
        OpenSsl("pkey", "-in", _temp["new.pem"], "-passin", "pass:" + SigningKeys.Passphrase, "-pubout").ShouldBe(key.Public.Pem);
        SigningKeys.New().ShouldNotBe(SigningKeys.New());
    }

    [Fact]
    public void An_encrypted_key_without_a_passphrase_says_which_variable_to_set() =>
        KeyFile.Read(new(SigningKeys.New(isEncrypted: true), "test"), null).Problem.ShouldNotBeNull().ShouldContain(SigningConnection.PassphraseVariable);

    private static string OpenSsl(params string[] arguments) => Tool.Require("openssl", arguments);
}
