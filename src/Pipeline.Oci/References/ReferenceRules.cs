using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.References;

/// <summary>What can be wrong with the text that names an image.</summary>
public static class ReferenceRules
{
    public static readonly Rule Malformed =
        new("PL2001", Severity.Error, "'{0}' is not an image reference: {1}; write 'registry.example/name:tag' or 'registry.example/name@sha256:…'");

    public static readonly Rule Unqualified =
        new("PL2002", Severity.Error, "'{0}' does not say which registry; write the host, such as '{1}'");

    public static readonly Rule HasCredentials =
        new("PL2003", Severity.Error, "the image reference holds a user name or password; take them out and put them into an auth file (REGISTRY_AUTH_FILE)");

    public static readonly Rule UnknownScheme =
        new("PL2004", Severity.Error, "'{0}:' is not a kind of source{1}; expected registry.example/name:tag, oci:, oci-archive:, docker-archive:, containers-storage:, tar: or command:");

    public static readonly Rule ElsewhereScheme =
        new("PL2005", Severity.Error, "'{0}:' sources belong to another tool's store; save the image to a file first ({1}) and name that");
}
