using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.LinuxKit;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>The folder of one container: its root, and what its runtime and LinuxKit's init read.</summary>
internal static class ContainerBundle
{
    private static readonly string[] Namespaces = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];

    /// <summary>A root that is only read is the container's <c>rootfs</c>; one that is written lies below it.</summary>
    public static string RootOf(LinuxKitContainer container, bool isReadOnly) => container.Folder + (isReadOnly ? "/rootfs" : "/lower");

    /// <summary>Makes the folder; the files of the image are put there by the caller.</summary>
    /// <param name="rootPath">Where the files of its image lie: its own, or those of an earlier container with the same image.</param>
    public static void Write(FileTree tree, LinuxKitContainer container, ContainerSettings settings, JsonObject config, string rootPath)
    {
        var isReadOnly = settings.IsReadOnly == true;
        tree.EnsureDirectory(container.Folder, ImageFilter.Clock);
        tree.EnsureDirectory(container.Folder + "/rootfs", ImageFilter.Clock);
        if (!isReadOnly)
            tree.EnsureDirectory(container.Folder + "/tmp", ImageFilter.Clock);
        tree.Set(container.Folder + "/config.json", ImageFilter.File(LinuxKitText.Json(config)));
        var mounts = isReadOnly ? BindMounts(container, rootPath) : OverlayMounts(container, rootPath);
        tree.Set(container.Folder + "/runtime.json", ImageFilter.File(LinuxKitText.Json(Runtime(settings.Runtime, mounts))));
    }

    /// <summary>Onto itself, so that it is a mount point, which runtimes want.</summary>
    private static ImmutableArray<ContainerMount> BindMounts(LinuxKitContainer container, string rootPath) =>
        [new(container.Folder + "/rootfs", "", rootPath, "bind")];

    private static ImmutableArray<ContainerMount> OverlayMounts(LinuxKitContainer container, string rootPath)
    {
        var tmp = container.Folder + "/tmp";
        return
        [
            new(tmp, "tmpfs", "tmpfs", ""),
            new(tmp, "", "", "remount,private"),
            new(container.Folder + "/rootfs", "overlay", "overlay", $"lowerdir={rootPath},upperdir={tmp}/upper,workdir={tmp}/work"),
        ];
    }

    private static JsonObject Runtime(ContainerRuntime runtime, ImmutableArray<ContainerMount> rootMounts) => new()
    {
        ["cgroups"] = Words(runtime.Cgroups),
        ["mounts"] = new JsonArray([.. rootMounts.Concat(runtime.Mounts ?? []).Select(RuntimeSpec.Mount)]),
        ["mkdir"] = Words(runtime.Mkdir),
        ["interfaces"] = new JsonArray([.. (runtime.Interfaces ?? []).Select(Interface)]),
        ["bindNS"] = new JsonObject(Namespaces.Select(n => KeyValuePair.Create(n, (JsonNode?)JsonValue.Create(runtime.BindNamespaces.GetValueOrDefault(n, ""))))),
        ["namespace"] = runtime.Namespace ?? "",
    };

    private static JsonArray Words(ImmutableArray<string>? words) => new([.. (words ?? []).Select(w => JsonValue.Create(w))]);

    private static JsonObject Interface(ContainerInterface net)
    {
        var json = new JsonObject();
        foreach (var (name, value) in new[] { ("name", net.Name), ("add", net.Add), ("peer", net.Peer) })
        {
            if (value.Length > 0)
                json[name] = value;
        }
        json["createInRoot"] = net.CreateInRoot;
        return json;
    }
}
