using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Building.Live.Payloads;

/// <summary>PL4951 to PL4959: what keeps an image out of a live system that is to carry it.</summary>
public static class PayloadRules
{
    public static readonly Rule NoOriginals = new("PL4951", Severity.Error,
        "the payload '{0}' has no documents whose digests a copy could keep; name it in a registry, or as oci:DIR or oci-archive:FILE");

    public static readonly Rule Occupied = new("PL4952", Severity.Error,
        "the source has files in {0} already, where the payload belongs; remove them from the container, or give the payload a `path` of its own");

    public static readonly Rule Blocked = new("PL4953", Severity.Error,
        "the payload cannot lie in {0}: {1}");

    public static readonly Rule DockerDocuments = new("PL4954", Severity.Error,
        "the payload '{0}' has docker's documents, and an image layout holds OCI's only; write `as: store`, which holds both");
}
