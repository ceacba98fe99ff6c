using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Building.Isos;

/// <summary>A line of the boot menu that the container wrote down. Paths and arguments are pasted into GRUB's lines.</summary>
internal sealed record IsoMenuEntry(string Name, string Linux, string Initrd)
{
    /// <summary>Where it stands in the file.</summary>
    public SourceSpan? Span { get; init; }
}

/// <summary>What a container's <c>iso.yaml</c> says: the container-native ISO contract, version 0.1.0 and later.</summary>
internal sealed record IsoConfig
{
    /// <summary>The first one that a container has counts: the newer place is the preferred one.</summary>
    public static readonly ImmutableArray<string> Paths = ["/usr/lib/image-builder/bootc/iso.yaml", "/usr/lib/bootc-image-builder/iso.yaml"];

    /// <summary>Where a container has none.</summary>
    public static IsoConfig None { get; } = new();

    public Located<string>? Label { get; init; }

    /// <summary>The index of the entry that is started.</summary>
    public int Default { get; init; }

    /// <summary>Seconds; null where it is not said.</summary>
    public int? Timeout { get; init; }

    /// <summary>The menu; empty where one is made from the kernels.</summary>
    public ImmutableArray<IsoMenuEntry> Entries { get; init; } = [];

    /// <summary>Further arguments of the menu that is made from the kernels.</summary>
    public ImmutableArray<string> KernelArguments { get; init; } = [];
}
