using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Publishing.Registries;

/// <summary>PL52xx: what keeps a registry from taking a release.</summary>
public static class RegistryHostRules
{
    public static readonly Rule ImageName =
        new("PL5201", Severity.Error, "image '{0}' cannot have a repository in a registry: names there are letters and digits joined by single '.', '_' or by '-'; rename its folder");

    public static readonly Rule NoDeletion =
        new("PL5202", Severity.Error, "{0} does not let releases be deleted; allow it there, or leave releases.keep out and let the registry's own retention do it");
}
