using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;

namespace Pipeline.Engine.Building.Labels;

/// <summary>
/// Writes the SELinux labels that the source's own policy has for its files, so that the system boots enforcing and does
/// not relabel itself first. A label of a layer gives way to the policy's; where the policy has none it stays.
/// </summary>
internal static class SelinuxLabels
{
    public const string AttributeName = "security.selinux";
    private const string Folder = "/etc/selinux";
    private const string DefaultType = "targeted";

    /// <summary>Policies of distributions have half a megabyte.</summary>
    private const int MaxFileBytes = 16 << 20;

    public static void Apply(DiskJob job, FileTree tree, MountPoints mounts, DiagnosticBag bag)
    {
        if (Read(tree) is not { } contexts)
            return;
        var values = new Dictionary<string, IReadOnlyList<Xattr>>(StringComparer.Ordinal);
        var done = new HashSet<FileNode>(ReferenceEqualityComparer.Instance);
        Label("/", tree.Root);
        // Of a file with several names the first decides, as it does for setfiles.
        foreach (var (path, node) in WalkBytes(tree.Root, ""))
            Label(path, node);
        foreach (var (pattern, reason) in contexts.PassedOver)
            bag.Add(BuildingRules.ContextPassedOver, job.Target.Image.Source.Span, pattern, reason);

        void Label(string path, FileNode node)
        {
            // FAT has no attributes; a mount point itself is labelled where it is seen.
            if (!done.Add(node) || mounts.Holding(path)?.Identity.Kind == Manifests.Models.FileSystemKind.Fat || contexts.Find(path, node) is not { } context)
                return;
            if (!values.TryGetValue(context, out var attributes))
                values.Add(context, attributes = [Attribute(context)]);
            node.Xattrs = node.Xattrs.Count == 0
                ? attributes
                : [.. node.Xattrs.Where(x => x.Name != AttributeName).Append(attributes[0]).OrderBy(x => x.Name, StringComparer.Ordinal)];
        }
    }

    /// <summary>With the zero that the kernel's own tools store too.</summary>
    private static Xattr Attribute(string context) => new(AttributeName, [.. Encoding.Latin1.GetBytes(context), 0]);

    /// <returns>Null where there is no policy, or it is switched off.</returns>
    private static FileContexts? Read(FileTree tree)
    {
        var settings = (Text(tree, Folder + "/config") ?? "").Split('\n').Select(l => l.Split('=', 2)).Where(p => p.Length == 2)
            .Select(p => (Key: p[0].Trim(), Value: p[1].Trim())).ToList();
        string? Setting(string key) => settings.LastOrDefault(s => s.Key == key).Value;
        var type = Setting("SELINUXTYPE") ?? DefaultType;
        var path = $"{Folder}/{type}/contexts/files/file_contexts";
        if (Setting("SELINUX") == "disabled" || type.Contains('/') || Text(tree, path) is not { } main)
            return null;
        string?[] texts = [main, Text(tree, path + ".homedirs"), Text(tree, path + ".local")];
        return new(texts.OfType<string>(), Text(tree, path + ".subs"), Text(tree, path + ".subs_dist"));
    }

    private static string? Text(FileTree tree, string path) =>
        tree.Find(path) is RegularFile { Content.LengthBytes: <= MaxFileBytes } file ? Encoding.Latin1.GetString(file.Content.ReadAll(MaxFileBytes)) : null;

    private static IEnumerable<(string Path, FileNode Node)> WalkBytes(DirectoryNode directory, string prefix)
    {
        foreach (var (name, node) in directory.Children)
        {
            var path = $"{prefix}/{Encoding.Latin1.GetString(name.Bytes)}";
            yield return (path, node);
            if (node is not DirectoryNode child)
                continue;
            foreach (var below in WalkBytes(child, path))
                yield return below;
        }
    }
}
