namespace Pipeline.Oci.Documents;

/// <summary>The media types that an image is made of: image-spec, "Media Types", and Docker's older names for the same.</summary>
public static class MediaTypes
{
    public const string OciIndex = "application/vnd.oci.image.index.v1+json";
    public const string DockerList = "application/vnd.docker.distribution.manifest.list.v2+json";
    public const string OciManifest = "application/vnd.oci.image.manifest.v1+json";
    public const string DockerManifest = "application/vnd.docker.distribution.manifest.v2+json";
    public const string OciConfig = "application/vnd.oci.image.config.v1+json";
    public const string DockerConfig = "application/vnd.docker.container.image.v1+json";
    public const string OciLayer = "application/vnd.oci.image.layer.v1.tar";
    public const string OciLayerGzip = OciLayer + "+gzip";
    public const string OciLayerZstd = OciLayer + "+zstd";
    public const string DockerLayer = "application/vnd.docker.image.rootfs.diff.tar";
    public const string DockerLayerGzip = DockerLayer + ".gzip";

    /// <summary>Order is preference; HEAD and GET must send the same, or registries answer with different documents.</summary>
    public const string Accepted = $"{OciIndex}, {DockerList}, {OciManifest}, {DockerManifest}";

    public static bool IsIndex(string mediaType) => mediaType is OciIndex or DockerList;

    public static bool IsManifest(string mediaType) => mediaType is OciManifest or DockerManifest;

    /// <summary>Docker's first manifest format, which names no digests of layers that could be trusted.</summary>
    public static bool IsSchema1(string mediaType) => mediaType.StartsWith("application/vnd.docker.distribution.manifest.v1+", StringComparison.Ordinal);

    /// <summary>A layer of files. The compression in the name is a hint only: the reader goes by the first bytes.</summary>
    public static bool IsLayer(string mediaType) =>
        (mediaType.StartsWith("application/vnd.oci.image.layer.", StringComparison.Ordinal)
            || mediaType.StartsWith("application/vnd.docker.image.rootfs.", StringComparison.Ordinal))
        && (mediaType.EndsWith(".tar", StringComparison.Ordinal) || mediaType.EndsWith(".tar+gzip", StringComparison.Ordinal)
            || mediaType.EndsWith(".tar.gzip", StringComparison.Ordinal) || mediaType.EndsWith(".tar+zstd", StringComparison.Ordinal)
            || mediaType.EndsWith(".tar.zstd", StringComparison.Ordinal));

    /// <summary>The type without its parameters (<c>; charset=utf-8</c>).</summary>
    public static string Bare(string? contentType) => (contentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
}
