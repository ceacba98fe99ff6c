using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Merging;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.Remote;

/// <summary>
/// The boards that manifests from elsewhere name. A board of the repository's own <c>boards/</c> goes before; else the one
/// in the <c>boards/</c> of the tree whose manifest names it; else the shipped one. One name means one board: where two trees
/// bring different ones, or an image here means the shipped one, the repository must decide by a file of its own.
/// </summary>
internal sealed class RemoteBoards(BoardSet own, DiagnosticBag bag)
{
    private readonly SortedDictionary<string, SourceTree> _brought = new(StringComparer.Ordinal);

    public BoardSet Join(IEnumerable<ManifestFile> images)
    {
        var good = own.Good.ToBuilder();
        var files = own.Files.ToBuilder();
        var named = images.SelectMany(i => i.Tree.Scalars("boards")).Where(b => !CarriedName.Is(b.Text)).ToList();
        foreach (var board in named.Where(b => b.Span.Tree is not null && !IsOwn(b.Text)))
            Bring(board, good, files);
        foreach (var board in named.Where(b => b.Span.Tree is null && _brought.ContainsKey(b.Text) && own.Files.ContainsKey(b.Text)))
        {
            bag.Add(RemoteRules.BoardClash, board.Span, board.Text, _brought[board.Text].Label, "the shipped one that this line means");
            good.Remove(board.Text);
        }
        return new(good.ToImmutable(), files.ToImmutable());
    }

    private bool IsOwn(string name) => own.Files.TryGetValue(name, out var file) && file == $"boards/{name}.yaml";

    private void Bring(YamlScalar board, ImmutableSortedDictionary<string, BoardManifest>.Builder good, ImmutableSortedDictionary<string, string>.Builder files)
    {
        var (name, tree) = (board.Text, board.Span.Tree!);
        var path = Path.Combine(tree.RootPath, "boards", name + ".yaml");
        if (name.Contains('/') || name.Contains('\0') || !File.Exists(path))
            return;
        if (_brought.TryGetValue(name, out var other))
        {
            if (other == tree || File.ReadAllBytes(path).AsSpan().SequenceEqual(File.ReadAllBytes(Path.Combine(other.RootPath, "boards", name + ".yaml"))))
                return;
            bag.Add(RemoteRules.BoardClash, board.Span, name, tree.Label, $"brought by '{other.Label}'");
            good.Remove(name);
            return;
        }
        _brought[name] = tree;
        files[name] = tree.Name($"boards/{name}.yaml");
        good.Remove(name);
        if (BoardFolder.ReadRemote(path, files[name], tree, bag) is { } read)
            good[name] = read;
    }
}
