using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>Partitions and blobs have names of their own, and partitions and file systems identifiers of their own.</summary>
internal static class NameCheck
{
    public static void Run(YamlMap tree, DiagnosticBag bag)
    {
        Unique(tree.Maps("partitions").Concat(tree.Maps("blobs")).Select(m => m.Scalar("name")), ManifestRules.NameTwice, bag);
        Unique(tree.Maps("partitions").Select(m => m.Scalar("id")).Append(tree.Map("table").Scalar("id")), ManifestRules.IdentifierTwice, bag);
        Unique(tree.Maps("partitions").Select(m => m.Map("filesystem").Scalar("id")), ManifestRules.IdentifierTwice, bag);
    }

    private static void Unique(IEnumerable<YamlScalar?> values, Rule rule, DiagnosticBag bag)
    {
        var seen = new Dictionary<string, SourceSpan>(StringComparer.OrdinalIgnoreCase);
        foreach (var value in values.OfType<YamlScalar>())
        {
            if (!seen.TryAdd(value.Text, value.Span))
                bag.Add(rule, value.Span, Message.Quote(value.Text), seen[value.Text]);
        }
    }
}
