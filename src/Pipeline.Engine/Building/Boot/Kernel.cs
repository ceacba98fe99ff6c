namespace Pipeline.Engine.Building.Boot;

/// <summary>A kernel that the source brought, with its initrd. Paths are real paths in the merged tree.</summary>
/// <param name="InitrdPath">Null where there is none beside it.</param>
internal sealed record Kernel(string Version, string Path, string? InitrdPath);
