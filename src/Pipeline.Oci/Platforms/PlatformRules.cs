using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.Platforms;

/// <summary>What can be wrong with the text that names a platform.</summary>
public static class PlatformRules
{
    public static readonly Rule Malformed =
        new("PL2020", Severity.Error, "'{0}' is not a platform: {1}; write 'linux/amd64', 'linux/arm64' or 'linux/arm/v7'");
}
