using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Remote;
using Pipeline.Engine.Manifests.Schema;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Merging;

/// <summary>
/// Reads image manifests and follows <c>extends</c>. Every file is read and judged by the schema once, however many extend
/// it. One object serves one repository.
/// </summary>
internal sealed class ExtendsResolver(string rootPath, IReadOnlyCollection<string> imageNames, RemoteTrees remotes, DiagnosticBag bag)
{
    private const int MaxChain = 32;

    private readonly Dictionary<string, ManifestFile?> _known = new(StringComparer.Ordinal);
    private readonly List<(string File, SourceSpan? Extends)> _underway = [];
    private readonly HashSet<string> _circular = new(StringComparer.Ordinal);

    /// <summary>Null when the file, or one that it extends, cannot be read or is part of a circle; the bag says why.</summary>
    /// <param name="file">Relative to the repository.</param>
    public ManifestFile? Resolve(string file) => Resolve(new ManifestPlace(null, file));

    private ManifestFile? Resolve(ManifestPlace place)
    {
        var file = place.Name;
        if (_known.TryGetValue(file, out var known))
            return known;
        var circle = _underway.FindIndex(u => u.File == file);
        if (circle >= 0)
        {
            ReportCircle(circle);
            return null;
        }
        _underway.Add((file, null));
        var resolved = Read(place);
        _underway.RemoveAt(_underway.Count - 1);
        _known[file] = resolved;
        return resolved;
    }

    private ManifestFile? Read(ManifestPlace place)
    {
        var file = place.Name;
        var node = YamlReader.ReadFile(place.PathIn(rootPath), file, place.RootIn(rootPath), bag, place.Tree);
        if (node is null)
            return null;
        var errors = ManifestSchema.Image.Validate(node);
        bag.AddRange(errors);
        if (node is not YamlMap tree)
            return null;
        if (tree.Scalar("extends") is not { } extends)
            return new ManifestFile(ManifestMerge.Settle(tree), [file], errors.Count == 0);
        if (Target(extends) is not { } target)
            return null;
        if (_underway.Count > MaxChain)
        {
            bag.Add(ManifestRules.TooMuch, extends.Span, $"manifests extend each other more than {MaxChain} deep");
            return null;
        }
        _underway[^1] = (file, extends.Span);
        if (Resolve(target) is { } inherited)
            return new ManifestFile(ManifestMerge.Extend(inherited.Tree, tree), [file, .. inherited.Files], errors.Count == 0 && inherited.IsSound);
        if (!_circular.Contains(file))
            bag.Add(ManifestRules.BaseUnreadable, extends.Span, target.Name);
        return null;
    }

    /// <summary>The file that is extended; null when there is none.</summary>
    private ManifestPlace? Target(YamlScalar extends)
    {
        var text = extends.Text;
        if (RemoteReference.IsRemote(text))
            return Elsewhere(extends);
        if (extends.Span.Tree is { } tree)
            return Beside(extends, tree);
        if (!text.Contains('/') && !text.EndsWith(".yaml", StringComparison.Ordinal))
        {
            if (imageNames.Contains(text))
                return new ManifestPlace(null, $"images/{text}/image.yaml");
            var others = imageNames.Where(n => $"images/{n}/image.yaml" != extends.Span.File).ToList();
            var advice = Nearest.Find(text, others) is { } near ? $"did you mean '{near}'?" : others.Count == 0 ? "there is no other image" : $"there are {Message.List(others)}";
            bag.Add(ManifestRules.UnknownBase, extends.Span, Message.Quote(text), advice);
            return null;
        }
        var path = text.Contains('\0') ? rootPath : Path.GetFullPath(Path.Combine(RepositoryPath.FolderOf(extends.Span, rootPath), text));
        if (Path.IsPathRooted(text) || !RepositoryPath.IsInside(path, rootPath) || !path.EndsWith(".yaml", StringComparison.Ordinal))
            bag.Add(ManifestRules.BaseOutside, extends.Span, Message.Quote(text));
        else if (!File.Exists(path))
            bag.Add(ManifestRules.UnknownBase, extends.Span, Message.Quote(text), $"there is no file '{RepositoryPath.Relative(path, rootPath)}'");
        else
            return new ManifestPlace(null, RepositoryPath.Relative(path, rootPath));
        return null;
    }

    private ManifestPlace? Elsewhere(YamlScalar extends)
    {
        if (!RemoteReference.TryParse(extends.Text, out var reference, out var problem))
            bag.Add(RemoteRules.Syntax, extends.Span, Message.Quote(extends.Text), problem);
        else if (extends.Span.Tree is { } from && !RemoteReference.MayLead(from, reference))
            bag.Add(RemoteRules.LeavesTransport, extends.Span, from.Label, reference.Name);
        else if (remotes.Find(reference, extends.Span, bag) is { } tree)
            return Existing(tree, reference.File, extends);
        return null;
    }

    /// <summary>What a manifest of another tree extends lies in that tree.</summary>
    private ManifestPlace? Beside(YamlScalar extends, SourceTree tree)
    {
        var text = extends.Text;
        if (!text.Contains('/') && !text.EndsWith(".yaml", StringComparison.Ordinal))
            return Existing(tree, $"images/{text}/image.yaml", extends);
        var path = text.Contains('\0') ? "/" : Path.GetFullPath(Path.Combine(RepositoryPath.FolderOf(extends.Span, rootPath), text));
        if (!Path.IsPathRooted(text) && RepositoryPath.IsInside(path, tree.RootPath) && path.EndsWith(".yaml", StringComparison.Ordinal))
            return Existing(tree, RepositoryPath.Relative(path, tree.RootPath), extends);
        bag.Add(RemoteRules.OutsideTree, extends.Span, Message.Quote(text), tree.Label);
        return null;
    }

    private ManifestPlace? Existing(SourceTree tree, string file, YamlScalar extends)
    {
        if (!file.Contains('\0') && File.Exists(Path.Combine(tree.RootPath, file)))
            return new ManifestPlace(tree, file);
        bag.Add(RemoteRules.ManifestMissing, extends.Span, Message.Quote(file), tree.Label);
        return null;
    }

    private void ReportCircle(int first)
    {
        var circle = _underway[first..];
        foreach (var (file, _) in circle)
            _circular.Add(file);
        // The same circle is told the same way, wherever it was entered.
        var start = circle.FindIndex(c => c.File == circle.Min(m => m.File));
        var turned = circle[start..].Concat(circle[..start]).ToList();
        var shown = string.Join(" → ", turned.Append(turned[0]).Select(c => c.File));
        bag.Add(ManifestRules.ExtendsCycle, turned[0].Extends, shown);
    }
}
