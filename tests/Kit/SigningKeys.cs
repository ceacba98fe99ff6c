using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Proof;

namespace Pipeline.Kit;

/// <summary>Keys for tests. The first is that of RFC 6979, A.2.5: nobody will ever trust it.</summary>
public static class SigningKeys
{
    public const string Passphrase = "correct horse battery staple";

    public static SigningKey Known { get; } = SigningKey.Of(Convert.FromHexString("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721"));

    public static SigningKey Other { get; } = SigningKey.Of(Convert.FromHexString("0000000000000000000000000000000000000000000000000000000000C0FFEE"));

    /// <summary>A new key in PKCS #8, as <c>pipeline key new</c> makes it.</summary>
    public static string New(bool isEncrypted = false) => KeyFile.Make(isEncrypted ? new Secret(Passphrase, "test") : null);
}
