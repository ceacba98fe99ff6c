using Pipeline.Web.Status;

namespace Pipeline.Web.Pages;

/// <summary>What things are called on the pages.</summary>
internal static class Words
{
    public static string Of(ShownState state) => state switch
    {
        ShownState.Failed => "failed",
        ShownState.Invalid => "invalid",
        ShownState.Unreachable => "unreachable",
        ShownState.Building => "building",
        ShownState.Stale => "stale",
        ShownState.Held => "held",
        ShownState.Suspended => "suspended",
        _ => "current",
    };

    /// <summary>What somebody should know who meets the word for the first time.</summary>
    public static string Meaning(ShownState state) => state switch
    {
        ShownState.Failed => "the last build failed; the last good release stays",
        ShownState.Invalid => "a manifest has mistakes",
        ShownState.Unreachable => "the source did not answer; it is asked again",
        ShownState.Building => "being built now",
        ShownState.Stale => "to be built in the next round",
        ShownState.Held => "stale, and waits for the time that its policy names",
        ShownState.Suspended => "its manifest says so",
        _ => "released as the manifests ask for it",
    };

    public static string Of(LogKind kind) => kind switch
    {
        LogKind.Error => "error",
        LogKind.Warning => "warning",
        LogKind.Work => "done",
        _ => "note",
    };

    /// <summary>An output as the heading of its files.</summary>
    public static string Output(string word) => word switch
    {
        "disk" => "Disk image",
        "iso" => "ISO image",
        "live" => "Live disk",
        "esp" => "Files for a stick",
        "netboot" => "Network boot",
        _ => word,
    };

    /// <summary>What a file of a release is for, by its name; empty where the name says nothing.</summary>
    public static string File(string name) => name switch
    {
        "SHA256SUMS" => "checksums of all files",
        "SHA256SUMS.sig" => "signature of the checksums",
        "SHA256SUMS.sigstore.json" => "the same signature as a Sigstore bundle",
        "CHANGELOG.md" => "what changed",
        "inputs.json" => "everything that decided the bytes",
        _ => Suffixes.FirstOrDefault(s => name.EndsWith(s.Suffix, StringComparison.Ordinal) || name.Contains(s.Suffix + ".", StringComparison.Ordinal)).Words ?? "",
    };

    private static readonly (string Suffix, string Words)[] Suffixes =
    [
        (".bmap", "block map: what need not be written"), (".changes.json", "what changed, for programs"), (".packages.json", "packages in it"),
        (".spdx.json", "parts list, SPDX"), (".cdx.json", "parts list, CycloneDX"), (".intoto.jsonl", "provenance"),
        (".esp.tar", "files for a stick"), (".img", "disk image"), (".iso", "ISO image"),
    ];
}
