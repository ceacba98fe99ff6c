using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Publishing.Proof;

/// <summary>PL53xx: what keeps a release from being signed.</summary>
public static class ProofRules
{
    public static readonly Rule NoKey =
        new("PL5301", Severity.Error, "releases are signed here, and there is no key; set PIPELINE_SIGNING_KEY, PIPELINE_SIGNING_KEY_FILE or signing.key, or take 'signing' out of pipeline.yaml");

    public static readonly Rule KeyUnusable =
        new("PL5302", Severity.Error, "the signing key of {0} cannot be used: {1}");

    public static readonly Rule OtherKey =
        new("PL5303", Severity.Error, "the signing key of {0} is not the one of signing.publicKey ({1}); set the right key, or put the new public key there");

    public static readonly Rule SecretFile =
        new("PL5304", Severity.Error, "the file '{0}' of {1} cannot be read ({2})");

    public static readonly Rule KeyExists =
        new("PL5305", Severity.Error, "'{0}' exists; a key is not overwritten, take another name");
}
