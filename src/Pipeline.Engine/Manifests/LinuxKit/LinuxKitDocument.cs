using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>A system of several containers: one or more LinuxKit files, merged, with every value read.</summary>
public sealed record LinuxKitDocument
{
    /// <summary>What the first container's own user and group are called; each further one has the next number.</summary>
    public const uint FirstId = 100;

    public required LinuxKitKernel Kernel { get; init; }

    /// <summary>Unpacked over each other as the root, in order.</summary>
    public required ImmutableArray<LinuxKitImage> Init { get; init; }

    public required ImmutableArray<LinuxKitVolume> Volumes { get; init; }

    public required ImmutableArray<LinuxKitContainer> OnBoot { get; init; }

    public required ImmutableArray<LinuxKitContainer> OnShutdown { get; init; }

    public required ImmutableArray<LinuxKitContainer> Services { get; init; }

    public required ImmutableArray<LinuxKitFile> Files { get; init; }

    /// <summary>The merged configuration as people write it, for files that carry it.</summary>
    public required string Yaml { get; init; }

    /// <summary>The same as JSON; also what decides whether two documents say the same.</summary>
    public required string Json { get; init; }

    /// <summary>By the place of an image, where it is taken from instead: set to build a release again from what was recorded. No byte depends on it.</summary>
    public ImmutableDictionary<string, ImageSource> Pins { get; init; } = ImmutableDictionary<string, ImageSource>.Empty;

    public IEnumerable<LinuxKitContainer> Containers => OnBoot.Concat(OnShutdown).Concat(Services);

    /// <summary>Users and groups by the names of containers, counted over onboot, onshutdown and services.</summary>
    public ImmutableDictionary<string, uint> Ids
    {
        get
        {
            var ids = ImmutableDictionary.CreateBuilder<string, uint>(StringComparer.Ordinal);
            var next = FirstId;
            foreach (var container in Containers)
                ids[container.Name] = next++;
            return ids.ToImmutable();
        }
    }

    /// <summary>Every image that the files name, with the name that its digest has among the inputs.</summary>
    public IEnumerable<LinuxKitImage> Images =>
    [
        Kernel.Image, .. Init, .. Volumes.Select(v => v.Image).OfType<LinuxKitImage>(), .. Containers.Select(c => c.Image),
    ];
}

/// <param name="Place">Unique in a document: <c>kernel</c>, <c>init[0]</c>, <c>onboot[000-dhcpcd]</c>, <c>services[nginx]</c>.</param>
public sealed record LinuxKitImage(string Place, ImageSource Source);

/// <param name="Binary">Null takes <c>kernel</c>, and where there is none the kernel of a distribution.</param>
/// <param name="Tar">Null where no tar is wanted.</param>
/// <param name="IsTarSaid">A tar that was not asked for may be missing where the kernel is a distribution's.</param>
public sealed record LinuxKitKernel(LinuxKitImage Image, string CommandLine, string? Binary, string? Tar, bool IsTarSaid, string? Microcode)
{
    public const string DefaultBinary = "kernel";
    public const string DefaultTar = "kernel.tar";
}

/// <param name="Folder">Absolute, in the root: <c>/containers/onboot/000-dhcpcd</c>.</param>
public sealed record LinuxKitContainer(string Name, string Folder, LinuxKitImage Image, ContainerSettings Settings, SourceSpan Span);

public enum LinuxKitFileKind
{
    Text,
    Source,
    Directory,
    Link,
    MetadataYaml,
    MetadataJson,
}

/// <param name="Path">Absolute.</param>
/// <param name="Value">The text, the absolute path of the source, or the target of the link; empty for the rest.</param>
/// <param name="Uid">A number or the name of a container.</param>
public sealed record LinuxKitFile(string Path, LinuxKitFileKind Kind, string Value, ushort Permissions, string Uid, string Gid, SourceSpan Span);

/// <param name="Image">Null is an empty volume.</param>
/// <param name="Platforms">Of an OCI layout; empty is the board's.</param>
public sealed record LinuxKitVolume(string Name, LinuxKitImage? Image, bool IsReadOnly, bool IsOci, ImmutableArray<string> Platforms, SourceSpan Span)
{
    public string Folder => "/containers/volumes/" + Name;
}
