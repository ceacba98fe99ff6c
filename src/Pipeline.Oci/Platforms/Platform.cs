namespace Pipeline.Oci.Platforms;

/// <summary>
/// An operating system and a processor in the words of the OCI image index (GOOS and GOARCH), normalised: the default
/// variant of an architecture (arm v7, arm64 v8, amd64 v1) is spelled out as null.
/// </summary>
/// <param name="Variant">Such as <c>v6</c>; null for the architecture's default.</param>
public sealed record Platform(string Os, string Architecture, string? Variant)
{
    /// <summary><c>linux/arm64</c>, <c>linux/arm/v6</c>.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";
}
