using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Checks;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Remote;
using Pipeline.Engine.Manifests.Schema;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests;

/// <summary>From a directory to a workspace: every manifest read, merged, judged, with all mistakes in one go.</summary>
public static class WorkspaceReader
{
    /// <summary>
    /// Reads a repository. The workspace is there even when images have mistakes: those are in
    /// <see cref="Workspace.InvalidImages"/>, the others are good; mistakes in <c>pipeline.yaml</c> make all of them invalid. Diagnostics are in order of file, line and column.
    /// It is null only where there is no repository.
    /// </summary>
    /// <param name="rootPath">Directory that holds <c>images/</c>, <c>boards/</c> and <c>pipeline.yaml</c>; the last two may be missing.</param>
    public static Result<Workspace> Read(string rootPath) => Read(rootPath, new RemoteTrees());

    /// <param name="remotes">The trees from elsewhere that were fetched; learns which ones are wanted.</param>
    public static Result<Workspace> Read(string rootPath, RemoteTrees remotes)
    {
        var root = Path.TrimEndingDirectorySeparator(Path.GetFullPath(rootPath));
        var bag = new DiagnosticBag();
        if (!Directory.Exists(Path.Combine(root, "images")) && !File.Exists(Path.Combine(root, "pipeline.yaml")))
            return Result<Workspace>.Failed(Diagnostic.Create(ManifestRules.NoRepository, null, root));
        var aboutConfig = new DiagnosticBag();
        var config = ReadConfig(root, aboutConfig);
        bag.AddRange(aboutConfig.ToImmutable());
        var boards = new BoardFolder(root, bag).Read();
        var images = new ImageFolder(root, boards, remotes, bag).Read();
        var workspace = new Workspace(root, config, images.Good, images.Boards.Good, images.Invalid);
        return new Result<Workspace>(aboutConfig.HasErrors ? WithoutConfig(workspace) : workspace, DiagnosticOrder.Sort(bag.ToImmutable()));
    }

    /// <summary>Reads one board file outside a repository. Files that it names are looked for beside it.</summary>
    public static Result<BoardManifest> ReadBoard(string path)
    {
        var full = Path.GetFullPath(path);
        var bag = new DiagnosticBag();
        var board = BoardFolder.ReadFile(full, Path.GetFileName(full), Path.GetDirectoryName(full) ?? "/", bag);
        return new Result<BoardManifest>(board, DiagnosticOrder.Sort(bag.ToImmutable()));
    }

    /// <summary>Half of a configuration would release to another place than was meant, or without the signature that was asked for.</summary>
    private static Workspace WithoutConfig(Workspace workspace) => workspace with
    {
        HasSoundConfig = false,
        Images = [],
        InvalidImages = [.. workspace.InvalidImages.Concat(workspace.Images.Select(i => i.Name)).Order(StringComparer.Ordinal)],
    };

    private static PipelineConfig ReadConfig(string root, DiagnosticBag bag)
    {
        const string file = "pipeline.yaml";
        var path = Path.Combine(root, file);
        if (!File.Exists(path) || YamlReader.ReadFile(path, file, root, bag) is not { } node)
            return new PipelineConfig();
        bag.AddRange(ManifestSchema.Pipeline.Validate(node));
        return node is YamlMap tree ? new ConfigReader(root, bag).Read(tree) : new PipelineConfig();
    }
}
