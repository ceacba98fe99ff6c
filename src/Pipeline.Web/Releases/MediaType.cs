namespace Pipeline.Web.Releases;

/// <summary>What a file is, by its name: UEFI firmware that boots by HTTP decides by it (UEFI 2.10 §24.7).</summary>
internal static class MediaType
{
    private static readonly (string Ending, string Type)[] Types =
    [
        (".efi", "application/efi"), (".iso", "application/vnd.efi-iso"), (".initrd.img", "application/octet-stream"), (".img", "application/vnd.efi-img"),
        (".ipxe", "text/plain; charset=utf-8"), (".cmdline", "text/plain; charset=utf-8"), ("SHA256SUMS", "text/plain; charset=utf-8"),
        (".json", "application/json"), (".md", "text/markdown; charset=utf-8"), (".bmap", "application/xml"),
        (".zst", "application/zstd"), (".xz", "application/x-xz"), (".gz", "application/gzip"), (".tar", "application/x-tar"),
    ];

    public static string Of(string name) => Array.Find(Types, t => name.EndsWith(t.Ending, StringComparison.OrdinalIgnoreCase)).Type ?? "application/octet-stream";
}
