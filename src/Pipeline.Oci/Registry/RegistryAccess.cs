using System.Collections.Immutable;

namespace Pipeline.Oci.Registry;

/// <summary>How the user wants one registry, or a part of it, to be reached.</summary>
/// <param name="Mirrors">Asked first for whatever is named by digest, in this order: <c>host[:port][/path]</c>, which takes the place of the key.</param>
/// <param name="PlainHttp">Null is the default: plain HTTP for loopback addresses only.</param>
/// <param name="CaFile">PEM certificates to trust for this host, in place of the system's.</param>
public sealed record RegistryAccess(ImmutableArray<string> Mirrors, bool? PlainHttp = null, string? CaFile = null);
