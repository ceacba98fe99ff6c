using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Oci.Documents;

namespace Pipeline.Engine.Building.LinuxKit;

/// <summary>
/// The <c>config.json</c> of a container: OCI runtime specification 1.0.2, in the order of its fields. What is empty is
/// left out, as runtimes read it.
/// </summary>
internal sealed class RuntimeSpec(LinuxKitDocument document, DiagnosticBag bag)
{
    private const string Version = "1.0.2";
    private readonly ImmutableDictionary<string, uint> _ids = document.Ids;

    /// <param name="settings">The file's over the label's.</param>
    /// <param name="process">The image's, where neither says what to run.</param>
    public JsonObject Make(LinuxKitContainer container, ContainerSettings settings, ImageProcess process) => Compact(
        ("ociVersion", Version),
        ("process", Process(container, settings, process)),
        ("root", Compact(("path", "rootfs"), ("readonly", settings.IsReadOnly == true ? true : null))),
        ("hostname", Text(settings.Hostname)),
        ("mounts", new JsonArray([.. Mounts(settings).Select(m => Mount(m, document))])),
        ("annotations", Texts(settings.Annotations)),
        ("linux", Linux(settings)));

    private JsonObject Process(LinuxKitContainer container, ContainerSettings settings, ImageProcess process)
    {
        var arguments = settings.Command ?? process.Command;
        if (arguments.IsEmpty)
            bag.Add(LinuxKitBuildRules.NoCommand, container.Span, container.Name);
        var user = new JsonObject { ["uid"] = Id(container, settings.Uid), ["gid"] = Id(container, settings.Gid) };
        if (settings.AdditionalGids is { IsEmpty: false } groups)
            user["additionalGids"] = new JsonArray([.. groups.Select(g => (JsonNode)Id(container, g))]);
        return Compact(
            ("user", user),
            ("args", Words(arguments)),
            ("env", Words(settings.Env ?? process.Environment)),
            ("cwd", settings.Cwd ?? (process.WorkingDirectory.Length > 0 ? process.WorkingDirectory : "/")),
            ("capabilities", Capabilities(settings)),
            ("rlimits", List(settings.Rlimits ?? [], l => new JsonObject { ["type"] = l.Name, ["hard"] = l.Hard, ["soft"] = l.Soft })),
            ("noNewPrivileges", settings.NoNewPrivileges == true ? true : null),
            ("oomScoreAdj", settings.OomScoreAdj));
    }

    private uint Id(LinuxKitContainer container, string? text)
    {
        if (LinuxKitChecks.Id(text ?? "", _ids) is { } id)
            return id;
        bag.Add(LinuxKitBuildRules.UnknownId, container.Span, container.Name, text, LinuxKitChecks.IdAdvice(text!, _ids));
        return 0;
    }

    private static JsonObject Capabilities(ContainerSettings settings)
    {
        var effective = settings.Capabilities ?? [];
        var ambient = settings.Ambient ?? [];
        ImmutableArray<string> bounding = [.. effective.Concat(ambient).Distinct().Order(StringComparer.Ordinal)];
        return Compact(
            ("bounding", Words(bounding)), ("effective", Words(effective)), ("inheritable", Words(bounding)), ("permitted", Words(bounding)), ("ambient", Words(ambient)));
    }

    /// <summary>The usual ones, then memory, binds and others: a later one takes the place of an earlier one at the same destination.</summary>
    private static IEnumerable<ContainerMount> Mounts(ContainerSettings settings)
    {
        var readOnly = settings.IsReadOnly == true ? ",ro" : "";
        var mounts = new SortedDictionary<string, ContainerMount>(StringComparer.Ordinal);
        ContainerMount[] usual =
        [
            new("/proc", "proc", "proc", "nosuid,nodev,noexec,relatime"),
            new("/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=65536k" + readOnly),
            new("/dev/pts", "devpts", "devpts", "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620"),
            new("/sys", "sysfs", "sysfs", "nosuid,noexec,nodev" + readOnly),
            new("/sys/fs/cgroup", "cgroup", "cgroup", "nosuid,noexec,nodev,relatime,ro"),
        ];
        foreach (var mount in usual.Concat(settings.Tmpfs ?? []).Concat(settings.Binds ?? []).Concat(settings.Mounts ?? []))
            mounts[mount.Destination] = mount;
        return mounts.Values;
    }

    private static JsonObject Mount(ContainerMount mount, LinuxKitDocument document)
    {
        var volume = document.Volumes.FirstOrDefault(v => v.Name == mount.Volume);
        return Mount(volume is null ? mount : mount with { Source = volume.Folder + "/merged" });
    }

    public static JsonObject Mount(ContainerMount mount) => Compact(
        ("destination", mount.Destination), ("type", Text(mount.Type)), ("source", Text(mount.Source)), ("options", Words(mount.OptionList)),
        ("uidMappings", List(mount.UidMappings, Mapping)), ("gidMappings", List(mount.GidMappings, Mapping)));

    private static JsonObject Linux(ContainerSettings settings)
    {
        var resources = settings.Resources is { } json ? (JsonObject)JsonNode.Parse(json)! : [];
        AllowDevices(resources, settings.Devices ?? []);
        return Compact(
            ("uidMappings", List(settings.UidMappings ?? [], Mapping)),
            ("gidMappings", List(settings.GidMappings ?? [], Mapping)),
            ("sysctl", Texts(settings.Sysctl)),
            ("resources", resources),
            ("cgroupsPath", Text(settings.CgroupsPath)),
            ("namespaces", Namespaces(settings)),
            ("devices", List([.. (settings.Devices ?? []).Where(d => d.Path != "all")], Device)),
            ("rootfsPropagation", Text(settings.RootfsPropagation)),
            ("maskedPaths", Words(settings.MaskedPaths ?? [])),
            ("readonlyPaths", Words(settings.ReadonlyPaths ?? [])));
    }

    private static JsonObject Mapping(ContainerMapping mapping) =>
        new() { ["containerID"] = mapping.ContainerId, ["hostID"] = mapping.HostId, ["size"] = mapping.Size };

    private static JsonObject Device(ContainerDevice device) => Compact(
        ("path", device.Path), ("type", device.Type), ("major", device.Major), ("minor", device.Minor), ("fileMode", device.Permissions is { } mode ? (int)mode : null));

    /// <summary>A node alone is of no use: the control group must allow it.</summary>
    private static void AllowDevices(JsonObject resources, ImmutableArray<ContainerDevice> devices)
    {
        if (devices.IsEmpty)
            return;
        var rules = resources["devices"] as JsonArray ?? [];
        foreach (var device in devices)
        {
            rules.Add(device.Path == "all"
                ? new JsonObject { ["allow"] = true, ["type"] = device.Type, ["access"] = "rwm" }
                : new JsonObject { ["allow"] = true, ["type"] = device.Type, ["major"] = device.Major, ["minor"] = device.Minor, ["access"] = "rwm" });
        }
        resources["devices"] = rules;
    }

    /// <summary>Network, System V and host name are the machine's unless said otherwise, processes its own; mounts always are.</summary>
    private static JsonArray Namespaces(ContainerSettings settings)
    {
        var all = new JsonArray();
        Add("network", settings.Net ?? "host");
        Add("ipc", settings.Ipc ?? "host");
        Add("uts", settings.Uts ?? "host");
        Add("pid", settings.Pid ?? "new");
        Add("user", settings.Userns ?? "host");
        Add("mount", "new");
        return all;

        void Add(string kind, string word)
        {
            if (word is "host" or "root")
                return;
            var path = word == "new" || (kind == "network" && word == "none") ? null : word;
            all.Add(Compact(("type", kind), ("path", path)));
        }
    }

    private static JsonNode? Text(string? text) => string.IsNullOrEmpty(text) ? null : JsonValue.Create(text);

    private static JsonArray? Words(ImmutableArray<string> words) => words.IsEmpty ? null : new([.. words.Select(w => JsonValue.Create(w))]);

    private static JsonArray? List<T>(ImmutableArray<T> items, Func<T, JsonObject> write) => items.IsEmpty ? null : new([.. items.Select(write)]);

    private static JsonObject? Texts(ImmutableSortedDictionary<string, string>? map) =>
        map is null or { IsEmpty: true } ? null : new(map.Select(m => KeyValuePair.Create(m.Key, (JsonNode?)JsonValue.Create(m.Value))));

    /// <summary>An object without what is null.</summary>
    private static JsonObject Compact(params ReadOnlySpan<(string Name, JsonNode? Value)> members)
    {
        var json = new JsonObject();
        foreach (var (name, value) in members)
        {
            if (value is not null)
                json[name] = value;
        }
        return json;
    }
}
