using System.Collections.Immutable;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Merging;

/// <summary>One image manifest with everything that it extends folded in.</summary>
/// <param name="Tree">Merged; its values carry the places of the files that wrote them.</param>
/// <param name="Files">The files that took part, its own first, relative to the repository.</param>
/// <param name="IsSound">False when one of the files breaks the schema; the tree is then only good for finding more mistakes.</param>
internal sealed record ManifestFile(YamlMap Tree, ImmutableArray<string> Files, bool IsSound);
