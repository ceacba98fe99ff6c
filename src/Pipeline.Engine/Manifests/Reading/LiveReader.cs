using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>The part of an output that is about live systems.</summary>
internal sealed class LiveReader(string rootPath, DiagnosticBag bag)
{
    /// <summary>A board may have larger sectors; whole mebibytes are multiples of all.</summary>
    private const int SectorBytes = 512;

    /// <param name="tree">Null where the output is its kind alone.</param>
    public LiveOptions Read(YamlMap? tree)
    {
        if (tree is null)
            return LiveOptions.Default;
        var root = tree.Map("root");
        return new()
        {
            Root = Words.LiveRoot(root is null ? tree.Text("root") : root.Text("type")),
            Packing = new(Words.Packing(root.Text("compression")), (int?)root.Integer("level"), Words.BlockBytes(root.Text("block")))
            {
                Erofs = Words.ErofsPacking(root.Text("compression")),
            },
            Exclude = [.. tree.Scalars("exclude").Select(ReadPattern)],
            Label = tree.Text("label"),
            Persistence = SizeText.Read(tree.Scalar("persistence"), SectorBytes, bag),
            Verity = tree.Boolean("verity") ?? false,
            BaseUrl = tree.Text("baseUrl") is { } url ? url.TrimEnd('/') + "/" : null,
            Efi = tree.Boolean("efi") ?? false,
            RootPlace = Words.RootPlace(tree.Text("rootIn")),
            Table = Words.Table(tree.Text("table")),
            Payload = new PayloadReader(rootPath, bag).Read(tree),
        };
    }

    private string ReadPattern(YamlScalar pattern)
    {
        var problem = !pattern.Text.StartsWith('/') ? "it does not begin with '/'"
            : pattern.Text.Split('/')[1..] is var parts && Array.Exists(parts, p => p is "" or "." or "..") ? "it has an empty part, '.' or '..'"
            : Array.Exists(parts, p => p.Contains("**", StringComparison.Ordinal) && p != "**") ? "'**' stands alone between slashes"
            : null;
        if (problem is not null)
            bag.Add(ManifestRules.ExcludePattern, pattern.Span, Message.Quote(pattern.Text), problem);
        return pattern.Text;
    }
}
