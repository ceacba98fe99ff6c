using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>One item of <c>files</c>.</summary>
internal sealed class LinuxKitFileReader(string rootPath, DiagnosticBag bag)
{
    private const ushort FilePermissions = 0b110_000_000;
    private const ushort DirectoryPermissions = 0b111_000_000;

    /// <summary>Null where it is passed over, or where the bag says why.</summary>
    public LinuxKitFile? Read(YamlMap tree)
    {
        if (ReadPath(tree) is not { } path || ReadKind(tree, path) is not { } kind)
            return null;
        var value = kind switch
        {
            LinuxKitFileKind.Text => tree.Text("contents") ?? "",
            LinuxKitFileKind.Link => tree.Text("symlink")!,
            LinuxKitFileKind.Source => ReadSource(tree),
            _ => "",
        };
        var standard = kind == LinuxKitFileKind.Directory ? DirectoryPermissions : FilePermissions;
        return value is null ? null
            : new(path, kind, value, ContainerText.Mode(tree.Text("mode")) ?? standard, tree.Text("uid") ?? "0", tree.Text("gid") ?? "0", tree.Span);
    }

    private string? ReadPath(YamlMap tree)
    {
        if (tree.Scalar("path") is not { } scalar)
            return null;
        var path = "/" + scalar.Text.TrimStart('/').TrimEnd('/');
        var problem = path == "/" ? "it is the root itself; name something in it" : PathText.Problem(path);
        if (problem is null)
            return path;
        bag.Add(LinuxKitRules.FilePath, scalar.Span, Message.Quote(scalar.Text), problem);
        return null;
    }

    private LinuxKitFileKind? ReadKind(YamlMap tree, string path)
    {
        var given = new List<(string Key, LinuxKitFileKind Kind)>();
        if (tree.Find("contents")?.Value is YamlScalar)
            given.Add(("contents", LinuxKitFileKind.Text));
        if (tree.Text("source") is { Length: > 0 })
            given.Add(("source", LinuxKitFileKind.Source));
        if (tree.Boolean("directory") == true)
            given.Add(("directory", LinuxKitFileKind.Directory));
        if (tree.Text("symlink") is { Length: > 0 })
            given.Add(("symlink", LinuxKitFileKind.Link));
        if (tree.Text("metadata") is { } metadata)
            given.Add(("metadata", metadata == "json" ? LinuxKitFileKind.MetadataJson : LinuxKitFileKind.MetadataYaml));
        if (given.Count == 1)
            return given[0].Kind;
        var what = given.Count == 0 ? "no content" : string.Join(" and ", given.Select(g => g.Key));
        bag.Add(LinuxKitRules.FileContent, given.Count == 0 ? tree.Span : tree.KeySpanOf(given[1].Key), Message.Quote(path), what);
        return null;
    }

    /// <summary>The absolute path of the file; null where it may be missing and is, or where the bag says why.</summary>
    private string? ReadSource(YamlMap tree)
    {
        var scalar = tree.Scalar("source")!;
        var folder = RepositoryPath.FolderOf(scalar.Span, rootPath);
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var written = scalar.Text.StartsWith("~/", StringComparison.Ordinal) ? Path.Combine(home, scalar.Text[2..]) : scalar.Text;
        if (written.Contains('\0'))
        {
            bag.Add(LinuxKitRules.FileMissing, scalar.Span, Message.Quote(scalar.Text), "nowhere: it has a NUL");
            return null;
        }
        var path = Path.GetFullPath(Path.Combine(folder, written));
        if (File.Exists(path))
        {
            if (!RepositoryPath.IsInside(path, rootPath) || !RepositoryPath.StaysInside(path, rootPath))
                bag.Add(LinuxKitRules.FileOutside, scalar.Span, Message.Quote(scalar.Text));
            return path;
        }
        if (tree.Boolean("optional") != true)
            bag.Add(LinuxKitRules.FileMissing, scalar.Span, Message.Quote(scalar.Text), RepositoryPath.IsInside(path, rootPath) ? RepositoryPath.Relative(folder, rootPath) + "/" : folder);
        return null;
    }
}
