using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.Registry;

/// <summary>What a registry can refuse. Whatever trying again may mend is an exception, not a diagnostic.</summary>
public static class RegistryRules
{
    public static readonly Rule AuthenticationRequired =
        new("PL2060", Severity.Error, "{0} wants you to sign in for {1}, or it does not exist; sign in with 'podman login {0}' or name an auth file in REGISTRY_AUTH_FILE");

    public static readonly Rule Denied =
        new("PL2061", Severity.Error, "{0} refuses {1} with the credentials from {2}; check that they are valid and may pull it");

    public static readonly Rule RepositoryNotFound =
        new("PL2062", Severity.Error, "{0} has no repository '{1}'; check the name");

    public static readonly Rule TagNotFound =
        new("PL2063", Severity.Error, "'{0}' has no tag '{1}'{2}");

    public static readonly Rule DigestNotFound =
        new("PL2064", Severity.Error, "'{0}' has no manifest {1}; it was removed, or belongs to another repository");

    public static readonly Rule UnsafeRealm =
        new("PL2065", Severity.Error, "{0} sends its sign-in to '{1}', {2}; credentials are not sent there");

    public static readonly Rule UnsafeRedirect =
        new("PL2066", Severity.Error, "{0} redirects to '{1}', {2}; it is not followed");

    public static readonly Rule TooManyRedirects =
        new("PL2067", Severity.Error, "{0} redirects more than {1} times; its configuration runs in a circle");

    public static readonly Rule Offline =
        new("PL2068", Severity.Error, "{0} is not in the cache and the network is switched off; run once without --offline");

    public static readonly Rule AuthFile =
        new("PL2069", Severity.Error, "the auth file '{0}' cannot be used: {1}");

    public static readonly Rule HelperFailed =
        new("PL2070", Severity.Warning, "the credential helper 'docker-credential-{0}' {1}; going on without it");

    public static readonly Rule RegistryWarns =
        new("PL2071", Severity.Warning, "{0} says: {1}");

    public static readonly Rule OddAnswer =
        new("PL2072", Severity.Error, "{0} answered {1}: {2}");

    public static readonly Rule WebPage =
        new("PL2074", Severity.Error, "{0} answers with a web page where a manifest should be; it is no registry, or a proxy answers in its place: check the host");

    public static readonly Rule CaFile =
        new("PL2073", Severity.Error, "the certificate file '{0}' of {1} cannot be read; expected PEM certificates");
}
