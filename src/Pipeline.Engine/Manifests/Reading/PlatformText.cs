using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Schema;
using Pipeline.Engine.Manifests.Yaml;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>The platform of a board: <c>linux/arm64</c>, <c>linux/arm/v6</c>. The words are those of the OCI image index.</summary>
internal static class PlatformText
{
    // Architecture, its default variant (read as none), its other variants.
    private static readonly (string Name, string? Default, string[] Others)[] Known =
    [
        ("386", null, []),
        ("amd64", "v1", ["v2", "v3", "v4"]),
        ("arm", "v7", ["v5", "v6", "v8"]),
        ("arm64", "v8", ["v8.1", "v8.2", "v8.3", "v8.4", "v8.5", "v8.6", "v8.7", "v8.8", "v8.9", "v9", "v9.1", "v9.2", "v9.3", "v9.4", "v9.5"]),
        ("loong64", null, []),
        ("ppc64le", null, ["power8", "power9", "power10"]),
        ("riscv64", null, ["rva20u64", "rva22u64", "rva23u64"]),
        ("s390x", null, []),
    ];

    // Names that other tools use for the same thing.
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["x86_64"] = "linux/amd64", ["x86-64"] = "linux/amd64", ["x64"] = "linux/amd64", ["aarch64"] = "linux/arm64",
        ["armhf"] = "linux/arm/v7", ["armv7"] = "linux/arm/v7", ["armv7l"] = "linux/arm/v7", ["armv7hl"] = "linux/arm/v7",
        ["armv6"] = "linux/arm/v6", ["armv6l"] = "linux/arm/v6", ["armel"] = "linux/arm/v5", ["armv5tel"] = "linux/arm/v5",
        ["i386"] = "linux/386", ["i686"] = "linux/386", ["x86"] = "linux/386", ["riscv"] = "linux/riscv64",
    };

    public static Platform? Read(YamlScalar? scalar, DiagnosticBag bag)
    {
        if (scalar is null)
            return null;
        var problem = TryParse(scalar.Text, out var platform);
        if (problem is not null)
            bag.Add(ManifestRules.Platform, scalar.Span, Message.Quote(scalar.Text), problem);
        return platform;
    }

    /// <summary>Null when it is a platform; else what is wrong and what to write.</summary>
    public static string? TryParse(string text, out Platform? platform)
    {
        platform = null;
        var parts = text.Split('/');
        if (parts[0] != "linux" || parts.Length is < 2 or > 3)
        {
            return Aliases.TryGetValue(parts[^1], out var meant) || Aliases.TryGetValue(text, out meant)
                ? $"write '{meant}'"
                : parts.Length == 1 && Array.Exists(Known, k => k.Name == text) ? $"write 'linux/{text}'" : "write linux/ARCHITECTURE or linux/ARCHITECTURE/VARIANT";
        }
        var index = Array.FindIndex(Known, k => k.Name == parts[1]);
        if (index < 0)
            return UnknownArchitecture(parts[1]);
        var (name, standard, others) = Known[index];
        var variant = parts.Length == 3 ? parts[2] : standard;
        if (variant != standard && !others.Contains(variant))
            return UnknownVariant(name, standard, others);
        platform = new Platform("linux", name, variant == standard ? null : variant);
        return null;
    }

    private static string UnknownArchitecture(string architecture)
    {
        if (Aliases.TryGetValue(architecture, out var meant))
            return $"write '{meant}'";
        var names = Known.Select(k => k.Name).ToList();
        return Nearest.Find(architecture, names) is { } near ? $"did you mean 'linux/{near}'?" : $"known architectures are {Message.List(names)}";
    }

    private static string UnknownVariant(string name, string? standard, string[] others) =>
        standard is null && others.Length == 0
            ? $"{name} has no variants; write 'linux/{name}'"
            : $"variants of {name} are {Message.List(others.Append(standard).OfType<string>().Order(StringComparer.Ordinal))}";
}
