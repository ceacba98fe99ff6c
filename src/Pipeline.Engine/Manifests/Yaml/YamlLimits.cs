namespace Pipeline.Engine.Manifests.Yaml;

/// <summary>What a manifest may be at most. Far above any real one; a file beyond them is a mistake or an attack.</summary>
internal static class YamlLimits
{
    public const int FileBytes = 1 << 20;

    /// <summary>Maps and lists inside each other.</summary>
    public const int Depth = 32;

    /// <summary>Nodes with all aliases written out.</summary>
    public const int Nodes = 50_000;
}
