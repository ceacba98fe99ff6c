using System.Globalization;
using System.Text.RegularExpressions;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Reading;

/// <summary>One item of <c>customize.files</c>.</summary>
internal sealed partial class FileReader(string rootPath, DiagnosticBag bag)
{
    private static readonly string[] Contents = ["source", "text", "link", "directory"];

    public ExtraFile Read(YamlMap tree)
    {
        CheckContent(tree);
        var (owner, group) = ReadOwner(tree.Scalar("owner"));
        return new ExtraFile(
            PathText.Read(tree.Scalar("path"), bag) ?? "",
            RepositoryPath.ReadFile(tree.Scalar("source"), rootPath, bag),
            tree.Text("text"),
            ReadLink(tree.Scalar("link")),
            ReadMode(tree),
            owner,
            group,
            tree.Span);
    }

    private void CheckContent(YamlMap tree)
    {
        var given = Contents.Where(c => tree.Scalar(c) is not null).ToList();
        if (given.Count == 1)
            return;
        var what = given.Count == 0 ? "no content" : string.Join(" and ", given);
        bag.Add(ManifestRules.FileContent, given.Count == 0 ? tree.Span : tree.KeySpanOf(given[1]), Message.Quote(tree.Text("path") ?? ""), what);
    }

    private string? ReadLink(YamlScalar? link)
    {
        if (link is null || !link.Text.Any(char.IsControl))
            return link?.Text;
        bag.Add(ManifestRules.UnclearPath, link.Span, Message.Quote(link.Text), "it has a control character; remove it");
        return null;
    }

    private ushort? ReadMode(YamlMap tree)
    {
        if (tree.Scalar("mode") is not { } mode)
            return null;
        if (tree.Scalar("link") is not null)
            bag.Add(ManifestRules.ModeOfLink, tree.KeySpanOf("mode"));
        // 0o755 is how YAML 1.2 itself writes octal.
        var digits = mode.Text.StartsWith("0o", StringComparison.Ordinal) ? mode.Text[2..] : mode.Text;
        if (Octal().IsMatch(digits))
            return Convert.ToUInt16(digits, 8);
        bag.Add(ManifestRules.Mode, mode.Span, Message.Quote(mode.Text));
        return null;
    }

    private (string Owner, string Group) ReadOwner(YamlScalar? owner)
    {
        if (owner is null)
            return ("root", "root");
        var parts = owner.Text.Split(':');
        if (parts.Length <= 2 && parts.All(IsNameOrNumber))
            return (parts[0], parts[^1]);
        bag.Add(ManifestRules.Owner, owner.Span, Message.Quote(owner.Text));
        return ("root", "root");
    }

    private static bool IsNameOrNumber(string text) =>
        UserReader.IsName(text)
        || (text.Length > 0 && text.All(char.IsAsciiDigit) && uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id != uint.MaxValue);

    [GeneratedRegex(@"\A[0-7]{3,4}\z", RegexOptions.CultureInvariant)]
    private static partial Regex Octal();
}
