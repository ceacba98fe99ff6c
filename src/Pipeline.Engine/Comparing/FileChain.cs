using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Remote;

namespace Pipeline.Engine.Comparing;

/// <summary>The way from an image to a file that takes part in it: through what it extends, its boards, and what those name.</summary>
internal sealed class FileChain
{
    private static readonly string[] LocalSchemes = ["oci:", "oci-archive:", "docker-archive:", "tar:"];
    private readonly Workspace _workspace;
    private readonly ImageManifest _image;
    private readonly List<(string Way, string FileOrFolder)> _parts = [];

    public FileChain(Workspace workspace, ImageManifest image)
    {
        (_workspace, _image) = (workspace, image);
        foreach (var file in image.Files)
            _parts.Add((WayTo(file), RemoteReference.IsRemote(file) ? "pipeline.lock" : file));
        AddSource();
        Add(image.Layout?.Path, image.Layout?.Span);
        foreach (var extra in image.Customization.Files)
            Add(extra.SourcePath, extra.Span);
        foreach (var board in image.Boards.Select(b => workspace.Boards.GetValueOrDefault(b.Value)).OfType<BoardManifest>().Where(b => !b.IsShipped))
        {
            _parts.Add(($"board {board.Name}: ", board.Span.File));
            foreach (var blob in board.Blobs.Select(b => b.RepositoryPath).OfType<string>())
                _parts.Add(($"board {board.Name}: ", Relative(blob)));
        }
    }

    /// <summary><c>extends base: images/base/build.sh changed</c>; null where the file has no part in the image.</summary>
    public string? Explain(GitChange change)
    {
        foreach (var (way, part) in _parts)
        {
            if (change.Touches(part))
                return way + change;
        }
        return null;
    }

    private void AddSource()
    {
        var source = _image.Source;
        // Everything in a script's folder can be read by it.
        if (source.Text.StartsWith("command:", StringComparison.Ordinal))
            Add(source.BaseDirectoryPath, source.Span);
        else if (LinuxKitReader.Is(source))
            AddLinuxKit(source);
        else if (Array.Find(LocalSchemes, s => source.Text.StartsWith(s, StringComparison.Ordinal)) is { } scheme)
            Add(Path.GetFullPath(source.Text[scheme.Length..].Split(':')[0], source.BaseDirectoryPath), source.Span);
    }

    private void AddLinuxKit(ImageSource source)
    {
        foreach (var name in source.Text[LinuxKitReader.Scheme.Length..].Split(','))
            Add(Path.GetFullPath(name, source.BaseDirectoryPath), source.Span);
        foreach (var file in (_image.LinuxKit?.Files ?? []).Where(f => f.Kind == LinuxKitFileKind.Source))
            Add(file.Value, source.Span);
    }

    private void Add(string? path, SourceSpan? writtenAt)
    {
        if (path is not null)
            _parts.Add((writtenAt is null ? "" : WayTo(writtenAt.File), Relative(path)));
    }

    /// <summary><c>extends a: extends b: </c> for the third manifest of the line.</summary>
    private string WayTo(string manifest)
    {
        var place = _image.Files.IndexOf(manifest);
        return place <= 0 ? "" : string.Concat(_image.Files.Take(place + 1).Skip(1).Select(f => $"extends {NameOf(f)}: "));
    }

    private static string NameOf(string manifest) =>
        manifest.Split('/') is ["images", var name, "image.yaml"] ? name : manifest;

    private string Relative(string path) => Path.GetRelativePath(_workspace.RootPath, path);
}
