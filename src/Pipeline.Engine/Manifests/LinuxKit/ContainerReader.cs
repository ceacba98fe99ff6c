using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Schema;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>The settings of one container, out of a file or out of a label; the schema has judged the tree already.</summary>
internal sealed class ContainerReader(DiagnosticBag bag)
{
    private static readonly string[] Namespaces = ["cgroup", "ipc", "mnt", "net", "pid", "user", "uts"];

    /// <summary>Of <c>cpu</c>, <c>hugepageLimits</c> and <c>network.priorities</c>.</summary>
    private static readonly string[] ResourceTexts = ["cpus", "mems", "pageSize", "name"];

    private delegate T? Form<T>(string text, out string problem) where T : class;

    public ContainerSettings Read(YamlMap tree) => new()
    {
        Capabilities = Capabilities(tree, "capabilities"),
        CapabilitiesAdd = Capabilities(tree, "capabilities.add") ?? [],
        Ambient = Capabilities(tree, "ambient"),
        Mounts = List(tree, "mounts", m => Mount(m, isRuntime: false)),
        Binds = Short<ContainerMount>(tree, "binds", "bind", ContainerText.Bind),
        BindsAdd = Short<ContainerMount>(tree, "binds.add", "bind", ContainerText.Bind) ?? [],
        Tmpfs = Short<ContainerMount>(tree, "tmpfs", "mount of memory", ContainerText.Tmpfs),
        Devices = List(tree, "devices", Device),
        Command = Words(tree, "command"),
        Env = Words(tree, "env"),
        Cwd = Said(tree, "cwd"),
        Net = Said(tree, "net"),
        Ipc = Said(tree, "ipc"),
        Uts = Said(tree, "uts"),
        Pid = Said(tree, "pid"),
        Userns = Said(tree, "userns"),
        IsReadOnly = tree.Boolean("readonly"),
        MaskedPaths = Words(tree, "maskedPaths"),
        ReadonlyPaths = Words(tree, "readonlyPaths"),
        Uid = tree.Text("uid"),
        Gid = tree.Text("gid"),
        AdditionalGids = Words(tree, "additionalGids"),
        NoNewPrivileges = tree.Boolean("noNewPrivileges"),
        Hostname = Said(tree, "hostname"),
        OomScoreAdj = (int?)tree.Integer("oomScoreAdj"),
        RootfsPropagation = tree.Text("rootfsPropagation"),
        CgroupsPath = tree.Text("cgroupsPath"),
        Resources = tree.Map("resources") is { } resources ? Resources(resources) : null,
        Sysctl = Texts(tree.Map("sysctl")),
        Rlimits = Limits(tree),
        UidMappings = List(tree, "uidMappings", Mapping),
        GidMappings = List(tree, "gidMappings", Mapping),
        Annotations = Texts(tree.Map("annotations")),
        Runtime = Runtime(tree.Map("runtime")),
    };

    /// <summary>An empty text says nothing.</summary>
    private static string? Said(YamlMap tree, string key) => tree.Text(key) is { Length: > 0 } text ? text : null;

    private static ImmutableArray<string>? Words(YamlMap? tree, string key) =>
        tree?.Find(key)?.Value is YamlSequence ? [.. tree.Scalars(key).Select(s => s.Text)] : null;

    private static ImmutableArray<T>? List<T>(YamlMap? tree, string key, Func<YamlMap, T?> read) where T : class =>
        tree?.Find(key)?.Value is YamlSequence ? [.. tree.Maps(key).Select(read).OfType<T>()] : null;

    private static ImmutableSortedDictionary<string, string>? Texts(YamlMap? map) =>
        map?.Entries.Where(e => e.Value is YamlScalar).ToImmutableSortedDictionary(e => e.Key, e => ((YamlScalar)e.Value).Text, StringComparer.Ordinal);

    private ImmutableArray<string>? Capabilities(YamlMap tree, string key)
    {
        if (Words(tree, key) is not { } words)
            return null;
        if (words is [var only] && only.ToLowerInvariant() is "none" or "all")
            return words[0].Equals("all", StringComparison.OrdinalIgnoreCase) ? [.. ContainerText.Capabilities] : [];
        foreach (var unknown in tree.Scalars(key).Where(s => !ContainerText.Capabilities.Contains(s.Text)))
        {
            var near = Nearest.Find(unknown.Text.ToUpperInvariant(), ContainerText.Capabilities)
                ?? ContainerText.Capabilities.FirstOrDefault(c => c == "CAP_" + unknown.Text.ToUpperInvariant());
            bag.Add(LinuxKitRules.Capability, unknown.Span, Message.Quote(unknown.Text), near is null ? "write a name of capabilities(7), such as CAP_NET_ADMIN" : $"did you mean '{near}'?");
        }
        return words;
    }

    private ImmutableArray<T>? Short<T>(YamlMap tree, string key, string what, Form<T> form) where T : class
    {
        if (tree.Find(key)?.Value is not YamlSequence)
            return null;
        var items = ImmutableArray.CreateBuilder<T>();
        foreach (var scalar in tree.Scalars(key))
        {
            if (form(scalar.Text, out var problem) is { } item)
                items.Add(item);
            else
                bag.Add(LinuxKitRules.Bind, scalar.Span, Message.Quote(scalar.Text), what, problem);
        }
        return items.ToImmutable();
    }

    private ImmutableArray<ContainerLimit>? Limits(YamlMap tree)
    {
        if (tree.Find("rlimits")?.Value is not YamlSequence)
            return null;
        var limits = ImmutableArray.CreateBuilder<ContainerLimit>();
        foreach (var scalar in tree.Scalars("rlimits"))
        {
            if (ContainerText.Limit(scalar.Text, out var problem) is { } limit)
                limits.Add(limit);
            else
                bag.Add(LinuxKitRules.Limit, scalar.Span, Message.Quote(scalar.Text), problem);
        }
        return limits.ToImmutable();
    }

    /// <param name="isRuntime">What init mounts itself may be a remount, which has no kind.</param>
    private ContainerMount? Mount(YamlMap tree, bool isRuntime)
    {
        var (destination, source, type) = (tree.Text("destination") ?? "", tree.Text("source") ?? "", tree.Text("type") ?? "");
        var options = string.Join(',', tree.Scalars("options").Select(o => o.Text));
        if (isRuntime)
            return new(destination, type, source, options);
        type = type.Length > 0 ? type : ContainerText.MountType(source, destination);
        destination = destination.Length > 0 ? destination : ContainerText.MountPlace(type);
        if (type.Length > 0 && destination.Length > 0)
        {
            return new(destination, type, source.Length > 0 ? source : type, options)
            {
                UidMappings = List(tree, "uidmappings", Mapping) ?? [],
                GidMappings = List(tree, "gidmappings", Mapping) ?? [],
            };
        }
        bag.Add(LinuxKitRules.Mount, tree.Span, type.Length == 0 ? "type" : "destination", type.Length == 0 ? "type: tmpfs" : "destination: /mnt");
        return null;
    }

    private static ContainerDevice Device(YamlMap tree) => new(
        tree.Text("path") ?? "", tree.Text("type") ?? "", tree.Integer("major") ?? 0, tree.Integer("minor") ?? 0, ContainerText.Mode(tree.Text("mode")));

    private static ContainerMapping Mapping(YamlMap tree) =>
        new((uint)(tree.Integer("hostID") ?? 0), (uint)(tree.Integer("containerID") ?? 0), (uint)(tree.Integer("size") ?? 0));

    private ContainerRuntime Runtime(YamlMap? tree) => new()
    {
        Cgroups = Words(tree, "cgroups"),
        Mounts = List(tree, "mounts", m => Mount(m, isRuntime: true)),
        Mkdir = Words(tree, "mkdir"),
        Interfaces = List(tree, "interfaces", i => new ContainerInterface(i.Text("name") ?? "", i.Text("add") ?? "", i.Text("peer") ?? "", i.Boolean("createInRoot") ?? false)),
        BindNamespaces = Namespaces.Where(n => tree.Map("bindNS").Text(n) is not null)
            .ToImmutableSortedDictionary(n => n, n => tree.Map("bindNS").Text(n)!, StringComparer.Ordinal),
        Namespace = tree.Text("namespace"),
    };

    /// <summary>LinuxKit's word for block devices is not the runtime's; the rest is. What the runtime reads as text is text, though YAML calls <c>cpus: 0</c> a number.</summary>
    private static string Resources(YamlMap tree)
    {
        var json = (JsonObject)LinuxKitText.Tree(tree, s => s.Kind == ScalarKind.Text)!;
        if (json.Remove("blockio", out var blockIo))
            json["blockIO"] = blockIo;
        JsonNode?[] texts = [json["cpu"], .. json["hugepageLimits"] as JsonArray ?? [], .. json["network"]?["priorities"] as JsonArray ?? []];
        foreach (var map in texts.OfType<JsonObject>())
        {
            foreach (var key in ResourceTexts.Where(k => map[k] is not null))
                map[key] = map[key]!.ToString();
        }
        return json.ToJsonString();
    }
}
