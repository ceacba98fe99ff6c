using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Checks;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Schema;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests;

/// <param name="Good">By name.</param>
/// <param name="Files">Every board by name, also those with mistakes, to its file relative to the repository.</param>
internal sealed record BoardSet(ImmutableSortedDictionary<string, BoardManifest> Good, ImmutableSortedDictionary<string, string> Files);

/// <summary>The boards that a repository can name: its own <c>boards/*.yaml</c>, and the shipped ones that it does not replace.</summary>
internal sealed class BoardFolder(string rootPath, DiagnosticBag bag)
{
    private const string Folder = "boards";

    public BoardSet Read()
    {
        var good = ImmutableSortedDictionary.CreateBuilder<string, BoardManifest>(StringComparer.Ordinal);
        var files = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var path in OwnFiles())
        {
            var file = RepositoryPath.Relative(path, rootPath);
            var name = Path.GetFileNameWithoutExtension(path);
            files[name] = file;
            if (CarriedName.Is(name))
                bag.Add(CarriedRules.ReservedName, new SourceSpan(file, 1, 1), Message.Quote(name));
            else if (!RepositoryPath.StaysInside(path, rootPath))
                bag.Add(ManifestRules.Unreadable, new SourceSpan(file, 1, 1), file, "a link leads out of the repository");
            else if (ReadFile(path, file, rootPath, bag) is { } board)
                good[name] = board;
        }
        foreach (var name in ShippedBoards.Names.Where(n => !files.ContainsKey(n)))
        {
            files[name] = ShippedBoards.FileOf(name);
            good[name] = ShippedBoards.Read(name);
        }
        return new BoardSet(good.ToImmutable(), files.ToImmutable());
    }

    /// <summary>Null when it has mistakes; they are in the bag.</summary>
    public static BoardManifest? ReadFile(string path, string file, string rootPath, DiagnosticBag bag)
    {
        var own = new DiagnosticBag();
        var node = YamlReader.ReadFile(path, file, "/", own);
        var board = node is null ? null : ReadTree(node, file, rootPath, own);
        bag.AddRange(own.ToImmutable());
        return own.HasErrors ? null : board;
    }

    /// <summary>A board that came along with a manifest from elsewhere. Null when it has mistakes; they are in the bag.</summary>
    /// <param name="file">As spans name it.</param>
    public static BoardManifest? ReadRemote(string path, string file, SourceTree tree, DiagnosticBag bag)
    {
        var own = new DiagnosticBag();
        var node = YamlReader.ReadFile(path, file, tree.RootPath, own, tree);
        var board = node is null ? null : ReadTree(node, file, tree.RootPath, own);
        bag.AddRange(own.ToImmutable());
        return own.HasErrors ? null : board;
    }

    /// <summary>The board, or what can be made of it when the bag has errors.</summary>
    public static BoardManifest? ReadTree(YamlNode node, string file, string rootPath, DiagnosticBag bag)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        if (!SystemText.IsFileName(name))
            bag.Add(ManifestRules.FileName, new SourceSpan(file, 1, 1), Message.Quote(name), "a board");
        bag.AddRange(ManifestSchema.Board.Validate(node));
        if (node is not YamlMap tree)
            return null;
        var board = new BoardReader(rootPath, bag).Read(name, tree);
        BoardChecks.Run(board, tree, bag);
        return board;
    }

    private IEnumerable<string> OwnFiles()
    {
        var folder = Path.Combine(rootPath, Folder);
        if (!Directory.Exists(folder))
            return [];
        foreach (var other in Directory.EnumerateFiles(folder, "*.yml").Order(StringComparer.Ordinal))
            bag.Add(ManifestRules.PassedOver, null, RepositoryPath.Relative(other, rootPath), "boards end in .yaml; rename it");
        return Directory.EnumerateFiles(folder, "*.yaml").Order(StringComparer.Ordinal);
    }
}
