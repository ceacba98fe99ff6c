using System.Collections.Immutable;
using Pipeline.Core.Units;

namespace Pipeline.Oci.Documents;

/// <summary>What points at a blob: image-spec, "OCI Content Descriptors". <paramref name="SizeBytes"/> binds together with the digest.</summary>
public sealed record Descriptor(
    string MediaType, Digest Digest, long SizeBytes, ImmutableSortedDictionary<string, string> Annotations);
