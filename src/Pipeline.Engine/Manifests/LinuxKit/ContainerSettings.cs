using System.Collections.Immutable;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>
/// What can be said of a container besides its name and image, in a file or in the label of the image. Null is not said,
/// which is not the same as an empty list.
/// </summary>
public sealed record ContainerSettings
{
    public ImmutableArray<string>? Capabilities { get; init; }

    public ImmutableArray<string> CapabilitiesAdd { get; init; } = [];

    public ImmutableArray<string>? Ambient { get; init; }

    public ImmutableArray<ContainerMount>? Mounts { get; init; }

    public ImmutableArray<ContainerMount>? Binds { get; init; }

    public ImmutableArray<ContainerMount> BindsAdd { get; init; } = [];

    public ImmutableArray<ContainerMount>? Tmpfs { get; init; }

    public ImmutableArray<ContainerDevice>? Devices { get; init; }

    public ImmutableArray<string>? Command { get; init; }

    public ImmutableArray<string>? Env { get; init; }

    public string? Cwd { get; init; }

    public string? Net { get; init; }

    public string? Ipc { get; init; }

    public string? Uts { get; init; }

    public string? Pid { get; init; }

    public string? Userns { get; init; }

    public bool? IsReadOnly { get; init; }

    public ImmutableArray<string>? MaskedPaths { get; init; }

    public ImmutableArray<string>? ReadonlyPaths { get; init; }

    /// <summary>A number or the name of a container.</summary>
    public string? Uid { get; init; }

    public string? Gid { get; init; }

    public ImmutableArray<string>? AdditionalGids { get; init; }

    public bool? NoNewPrivileges { get; init; }

    public string? Hostname { get; init; }

    public int? OomScoreAdj { get; init; }

    public string? RootfsPropagation { get; init; }

    public string? CgroupsPath { get; init; }

    /// <summary>An object of the OCI runtime specification as JSON.</summary>
    public string? Resources { get; init; }

    public ImmutableSortedDictionary<string, string>? Sysctl { get; init; }

    public ImmutableArray<ContainerLimit>? Rlimits { get; init; }

    public ImmutableArray<ContainerMapping>? UidMappings { get; init; }

    public ImmutableArray<ContainerMapping>? GidMappings { get; init; }

    public ImmutableSortedDictionary<string, string>? Annotations { get; init; }

    public ContainerRuntime Runtime { get; init; } = new();

    /// <summary>These where they say something, else the label's; what is to be added is added to the label's.</summary>
    public ContainerSettings Over(ContainerSettings label) => new()
    {
        Capabilities = Capabilities ?? Union(label.Capabilities, label.CapabilitiesAdd, CapabilitiesAdd),
        Ambient = Ambient ?? label.Ambient,
        Mounts = Mounts ?? label.Mounts,
        Binds = Binds ?? Union(label.Binds, label.BindsAdd, BindsAdd),
        Tmpfs = Tmpfs ?? label.Tmpfs,
        Devices = Devices ?? label.Devices,
        Command = Command ?? label.Command,
        Env = Env ?? label.Env,
        Cwd = Cwd ?? label.Cwd,
        Net = Net ?? label.Net,
        Ipc = Ipc ?? label.Ipc,
        Uts = Uts ?? label.Uts,
        Pid = Pid ?? label.Pid,
        Userns = Userns ?? label.Userns,
        IsReadOnly = IsReadOnly ?? label.IsReadOnly,
        MaskedPaths = MaskedPaths ?? label.MaskedPaths,
        ReadonlyPaths = ReadonlyPaths ?? label.ReadonlyPaths,
        Uid = Uid ?? label.Uid,
        Gid = Gid ?? label.Gid,
        AdditionalGids = AdditionalGids ?? label.AdditionalGids,
        NoNewPrivileges = NoNewPrivileges ?? label.NoNewPrivileges,
        Hostname = Hostname ?? label.Hostname,
        OomScoreAdj = OomScoreAdj ?? label.OomScoreAdj,
        RootfsPropagation = RootfsPropagation ?? label.RootfsPropagation,
        CgroupsPath = CgroupsPath ?? label.CgroupsPath,
        Resources = Resources ?? label.Resources,
        Sysctl = Sysctl ?? label.Sysctl,
        Rlimits = Rlimits ?? label.Rlimits,
        UidMappings = UidMappings ?? label.UidMappings,
        GidMappings = GidMappings ?? label.GidMappings,
        Annotations = Annotations ?? label.Annotations,
        Runtime = Runtime.Over(label.Runtime),
    };

    private static ImmutableArray<T>? Union<T>(ImmutableArray<T>? list, ImmutableArray<T> more, ImmutableArray<T> evenMore) =>
        list is null && more.IsEmpty && evenMore.IsEmpty ? null : [.. (list ?? []).Concat(more).Concat(evenMore).Distinct()];
}

/// <summary>A mount of the OCI runtime specification.</summary>
/// <param name="Type">Empty where the specification leaves it out.</param>
/// <param name="Options">Joined by commas.</param>
public sealed record ContainerMount(string Destination, string Type, string Source, string Options)
{
    /// <summary>Users and groups of what is mounted; empty leaves them as they are.</summary>
    public ImmutableArray<ContainerMapping> UidMappings { get; init; } = [];

    public ImmutableArray<ContainerMapping> GidMappings { get; init; } = [];

    public ImmutableArray<string> OptionList => Options.Length == 0 ? [] : [.. Options.Split(',')];

    /// <summary>A bind whose source is no path names a volume.</summary>
    public string? Volume => Type == "bind" && !Source.StartsWith('/') ? Source : null;
}

/// <param name="Path"><c>all</c> is every device of the type.</param>
/// <param name="Permissions">Null where nobody says.</param>
public sealed record ContainerDevice(string Path, string Type, long Major, long Minor, ushort? Permissions);

/// <param name="Name">With RLIMIT_ in front.</param>
public sealed record ContainerLimit(string Name, ulong Soft, ulong Hard);

public sealed record ContainerMapping(uint HostId, uint ContainerId, uint Size);

public sealed record ContainerInterface(string Name, string Add, string Peer, bool CreateInRoot);

/// <summary>What LinuxKit's init does around a container; not part of the OCI runtime specification.</summary>
public sealed record ContainerRuntime
{
    public ImmutableArray<string>? Cgroups { get; init; }

    public ImmutableArray<ContainerMount>? Mounts { get; init; }

    public ImmutableArray<string>? Mkdir { get; init; }

    public ImmutableArray<ContainerInterface>? Interfaces { get; init; }

    /// <summary>Kind (<c>net</c>) to path.</summary>
    public ImmutableSortedDictionary<string, string> BindNamespaces { get; init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    public string? Namespace { get; init; }

    /// <summary>Field by field.</summary>
    public ContainerRuntime Over(ContainerRuntime label) => new()
    {
        Cgroups = Cgroups ?? label.Cgroups,
        Mounts = Mounts ?? label.Mounts,
        Mkdir = Mkdir ?? label.Mkdir,
        Interfaces = Interfaces ?? label.Interfaces,
        BindNamespaces = label.BindNamespaces.SetItems(BindNamespaces),
        Namespace = Namespace ?? label.Namespace,
    };
}
