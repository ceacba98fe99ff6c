namespace Pipeline.Oci.Registry.Auth;

/// <summary>Who to sign in as. Not a record: a record would print its secrets.</summary>
/// <param name="identityToken">Exchanged for access tokens in place of the password; null where there is none.</param>
/// <param name="origin">The file or helper it came from, for messages.</param>
internal sealed class Credential(string user, string password, string? identityToken, string origin)
{
    public string User => user;

    public string Password => password;

    public string? IdentityToken => identityToken;

    public string Origin => origin;

    public override string ToString() => $"credentials from {origin}";
}
