using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Checks;
using Pipeline.Engine.Manifests.Merging;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Remote;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests;

/// <param name="Boards">With those that came along with manifests from elsewhere.</param>
internal sealed record ImageSet(ImmutableArray<ImageManifest> Good, ImmutableArray<string> Invalid, BoardSet Boards);

/// <summary>The images of a repository: every folder in <c>images/</c> that holds an <c>image.yaml</c>.</summary>
internal sealed class ImageFolder(string rootPath, BoardSet own, RemoteTrees remotes, DiagnosticBag bag)
{
    private const string Manifest = "image.yaml";

    public ImageSet Read()
    {
        var names = FindNames();
        var resolver = new ExtendsResolver(rootPath, names, remotes, bag);
        var files = names.ToDictionary(n => n, n => resolver.Resolve($"images/{n}/{Manifest}"), StringComparer.Ordinal);
        var boards = new RemoteBoards(own, bag).Join(names.Select(n => files[n]).OfType<ManifestFile>());
        var good = ImmutableArray.CreateBuilder<ImageManifest>();
        var invalid = ImmutableArray.CreateBuilder<string>();
        foreach (var name in names)
        {
            var file = files[name];
            var mistakes = new DiagnosticBag();
            var image = file is null ? null : ReadImage(name, file, boards, mistakes);
            bag.AddRange(mistakes.ToImmutable());
            if (file?.Tree.Boolean("abstract") == true)
                continue;
            if (image is null || mistakes.HasErrors || !file!.IsSound || image.Boards.Any(b => !boards.Good.ContainsKey(b.Value) && !CarriedName.Is(b.Value)))
                invalid.Add(name);
            else
                good.Add(image);
        }
        return new ImageSet(good.ToImmutable(), invalid.ToImmutable(), boards);
    }

    private ImageManifest ReadImage(string name, ManifestFile file, BoardSet boards, DiagnosticBag mistakes)
    {
        if (!SystemText.IsFileName(name))
            mistakes.Add(ManifestRules.FileName, new SourceSpan(file.Files[0], 1, 1), Message.Quote(name), "an image");
        var image = new ImageReader(rootPath, mistakes).Read(name, file);
        ImageChecks.Run(image, file.Tree, boards, mistakes);
        return image;
    }

    private List<string> FindNames()
    {
        var folder = Path.Combine(rootPath, "images");
        var names = new List<string>();
        if (!Directory.Exists(folder))
            return names;
        foreach (var path in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            if (File.Exists(Path.Combine(path, Manifest)))
                names.Add(Path.GetFileName(path));
            else if (File.Exists(Path.Combine(path, "image.yml")))
                bag.Add(ManifestRules.PassedOver, null, RepositoryPath.Relative(path, rootPath), "its manifest must be called image.yaml; rename image.yml");
            else
                bag.Add(ManifestRules.PassedOver, null, RepositoryPath.Relative(path, rootPath), "it has no image.yaml; add one or move it elsewhere");
        }
        return names;
    }
}
