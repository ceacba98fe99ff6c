using System.Diagnostics.CodeAnalysis;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Oci.Platforms;

/// <summary>
/// An operating system and a processor in the words of the OCI image index (GOOS and GOARCH), normalised: the default
/// variant of an architecture (arm v7, arm64 v8, amd64 v1) is spelled out as null.
/// </summary>
/// <param name="Variant">Such as <c>v6</c>; null for the architecture's default.</param>
public sealed partial record Platform(string Os, string Architecture, string? Variant)
{
    private const int MaxTextLength = 128;

    private static readonly HashSet<string> KnownSystems = new(StringComparer.Ordinal)
    {
        "aix", "android", "darwin", "dragonfly", "freebsd", "illumos", "ios", "js", "linux", "macos", "netbsd", "openbsd",
        "plan9", "solaris", "wasip1", "windows",
    };

    /// <summary>Reads <c>arch</c> (Linux is meant), <c>os/arch</c> or <c>os/arch/variant</c>, with the usual other names of processors.</summary>
    public static Result<Platform> Parse(string text, SourceSpan? span)
    {
        if (text.Length > MaxTextLength)
            return Fail(span, text[..MaxTextLength] + "…", "it is too long");
        var parts = text.ToLowerInvariant().Split('/');
        if (parts.Length > 3)
            return Fail(span, text, "it has more than three parts");
        if (Array.Find(parts, part => !PartPattern().IsMatch(part)) is { } odd)
            return Fail(span, text, $"'{odd}' is not a word of letters, digits, '_', '.' and '-'");
        if (parts.Length == 1 && KnownSystems.Contains(parts[0]))
            return Fail(span, text, "it names no processor");
        return parts.Length == 1 ? Of("linux", parts[0], null) : Of(parts[0], parts[1], parts.ElementAtOrDefault(2));
    }

    public static bool TryParse(string? text, [NotNullWhen(true)] out Platform? platform)
    {
        var result = text is null ? default : Parse(text, null);
        platform = text is not null && result.IsOk ? result.Value : null;
        return platform is not null;
    }

    /// <summary>
    /// Normalises what a document or a person says. The rules are those of containerd; the names that <c>uname</c> prints
    /// are ours in addition. <c>armhf</c> and <c>armel</c> decide their variant themselves.
    /// </summary>
    public static Platform Of(string os, string architecture, string? variant)
    {
        var system = os.ToLowerInvariant();
        var (processor, kind) = Processor(architecture.ToLowerInvariant(), variant?.ToLowerInvariant() ?? "");
        var isDefault = (processor, kind) is (_, "") or ("arm", "v7") or ("arm64", "v8") or ("amd64", "v1");
        return new(system == "macos" ? "darwin" : system, processor, isDefault ? null : kind);
    }

    /// <summary><c>linux/arm64</c>, <c>linux/arm/v6</c>.</summary>
    public override string ToString() => Variant is null ? $"{Os}/{Architecture}" : $"{Os}/{Architecture}/{Variant}";

    /// <summary>The same for people: arm always with its variant, because v6 and v7 are different machines to them.</summary>
    public string FullName => Architecture == "arm" && Variant is null ? $"{Os}/arm/v7" : ToString();

    private static (string Architecture, string Variant) Processor(string architecture, string variant) => architecture switch
    {
        "i386" or "i486" or "i586" or "i686" or "x86" => ("386", ""),
        "x86_64" or "x86-64" or "x64" or "amd64" => ("amd64", variant),
        "aarch64" or "arm64" => ("arm64", Arm64Variant(variant)),
        "armhf" or "armv7l" or "armv7" => ("arm", "v7"),
        "armel" or "armv6l" or "armv6" => ("arm", "v6"),
        "armv5tel" or "armv5tejl" or "armv5l" => ("arm", "v5"),
        "armv8l" => ("arm", "v8"),
        "arm" => ("arm", variant is "5" or "6" or "7" or "8" ? "v" + variant : variant),
        "riscv64gc" => ("riscv64", variant),
        "loongarch64" => ("loong64", variant),
        _ => (architecture, variant),
    };

    private static string Arm64Variant(string variant) => variant switch
    {
        "8" or "8.0" or "v8.0" => "v8",
        "9" or "9.0" or "v9.0" => "v9",
        _ => variant,
    };

    private static Result<Platform> Fail(SourceSpan? span, string text, string why) =>
        Result<Platform>.Failed(Diagnostic.Create(PlatformRules.Malformed, span, text, why));

    [GeneratedRegex(@"^[a-z0-9_.-]+\z")]
    private static partial Regex PartPattern();
}
