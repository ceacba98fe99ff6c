using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Reading;

namespace Pipeline.Engine.Manifests.Models;

/// <summary>One <c>images/NAME/image.yaml</c> after <c>extends</c> was applied.</summary>
public sealed record ImageManifest
{
    /// <summary>The name of its folder: lower-case letters, digits, '-', '_' and '.'.</summary>
    public required string Name { get; init; }

    /// <summary>Absolute path of its folder.</summary>
    public required string DirectoryPath { get; init; }

    /// <summary>The start of its file.</summary>
    public required SourceSpan Span { get; init; }

    public required string Description { get; init; }

    public required ImageSource Source { get; init; }

    /// <summary>The system that <see cref="Source"/> describes, where that is a LinuxKit file.</summary>
    public LinuxKitDocument? LinuxKit { get; init; }

    public required ImmutableArray<Located<string>> Boards { get; init; }

    /// <summary>A file with the partitions that take the place of every board's; null leaves them to the boards.</summary>
    public LayoutFile? Layout { get; init; }

    public required ImmutableArray<Output> Outputs { get; init; }

    public required Customization Customization { get; init; }

    /// <summary>Labels of the release, for people and catalogues; they do not decide bytes.</summary>
    public required ImmutableSortedDictionary<string, string> Labels { get; init; }

    public required bool IsSuspended { get; init; }

    /// <summary>The folders that decide this image, relative to the repository: its own and those it extends.</summary>
    public required ImmutableArray<string> Folders { get; init; }

    /// <summary>Chooses the tag of <see cref="Source"/>; null where the source says it.</summary>
    public FollowPolicy? Follow { get; init; }

    /// <summary>A source that was made later than this before now is not taken yet; null takes every one.</summary>
    public TimeSpan? MinimumAge { get; init; }

    public HoldPolicy? Hold { get; init; }

    public PublishPolicy Publish { get; init; }

    /// <summary>The manifests that took part, its own first, then what it extends, in order; relative to the repository.</summary>
    public ImmutableArray<string> Files { get; init; } = [];
}

/// <summary>A layout in a file of its own, in the words of the label that containers carry.</summary>
/// <param name="Path">Absolute.</param>
public sealed record LayoutFile(string Path, SourceSpan Span);

/// <summary>Where the root file system comes from.</summary>
/// <param name="Text">As written, such as <c>docker.io/library/debian:12</c>, <c>oci:DIR:tag</c>, <c>command:build.sh</c>.</param>
/// <param name="BaseDirectoryPath">Folder against which relative paths of the text are resolved: that of the manifest that wrote it.</param>
public sealed record ImageSource(string Text, string BaseDirectoryPath, SourceSpan? Span);

public enum OutputKind
{
    Disk,

    /// <summary>The files of the source in a plain directory; no manifest says this.</summary>
    Directory,

    /// <summary>One file for CD and stick.</summary>
    Iso,

    /// <summary>A disk that runs from a packed root.</summary>
    Live,

    /// <summary>The files of such a disk's system partition, to be copied to a stick.</summary>
    Esp,

    /// <summary>Kernel, initrd and root for a machine that boots over the network.</summary>
    Netboot,

    /// <summary>LinuxKit's: kernel, initrd and command line, three files. Of a LinuxKit source only, as are the next two.</summary>
    KernelInitrd,

    /// <summary>The same in one tar.</summary>
    TarKernelInitrd,

    /// <summary>Kernel, command line, and the root as a squashfs that the kernel mounts by itself.</summary>
    KernelSquashfs,
}

public enum OutputCompression
{
    None,
    Zstandard,
    Xz,
    Gzip,
}

/// <summary>One file (with its sidecars) that a board of an image is delivered as.</summary>
public sealed record Output(OutputKind Kind, OutputCompression Compression, bool BlockMap, SourceSpan? Span)
{
    /// <summary>The kind as manifests and plans write it.</summary>
    public string Word => Words.Of(Kind);

    /// <summary>Without meaning for a plain disk.</summary>
    public LiveOptions Live { get; init; } = LiveOptions.Default;

    /// <summary>Whether the system runs from a packed root, on a medium whose layout is not the board's.</summary>
    public bool IsLive => Kind is OutputKind.Iso or OutputKind.Live or OutputKind.Esp or OutputKind.Netboot;

    /// <summary>Whether only LinuxKit knows it.</summary>
    public bool IsLinuxKit => Kind is OutputKind.KernelInitrd or OutputKind.TarKernelInitrd or OutputKind.KernelSquashfs;
}

public enum FstabPolicy
{
    /// <summary>Written from the layout.</summary>
    Generate,

    /// <summary>None: the partitions carry discoverable types.</summary>
    Discoverable,

    /// <summary>What the source has stays.</summary>
    Keep,
}

/// <summary>What an image adds to its source.</summary>
public sealed record Customization
{
    public string? Hostname { get; init; }

    public ImmutableArray<string> KernelArguments { get; init; } = [];

    public ImmutableArray<ExtraFile> Files { get; init; } = [];

    public ImmutableArray<User> Users { get; init; } = [];

    public string? Locale { get; init; }

    public string? Timezone { get; init; }

    public FstabPolicy Fstab { get; init; } = FstabPolicy.Generate;

    /// <summary>Mark the last partition's file system to grow to the medium on first boot.</summary>
    public bool GrowOnFirstBoot { get; init; } = true;

    /// <summary>Empty /etc/machine-id, so that each machine makes its own; the default.</summary>
    public bool ResetMachineId { get; init; } = true;

    /// <summary>Free space of an automatically sized root; null is the engine's default.</summary>
    public ByteSize? FreeSpace { get; init; }
}

/// <summary>A file, a link or a directory put into the root file system.</summary>
/// <param name="SourcePath">Absolute path in the repository; null where <paramref name="Text"/> or <paramref name="LinkTarget"/> says it; all three null is an empty directory.</param>
/// <param name="Permissions">Null takes 0644 (0755 for directories and for sources that are executable).</param>
public sealed record ExtraFile(
    string Path, string? SourcePath, string? Text, string? LinkTarget, ushort? Permissions, string Owner, string Group, SourceSpan? Span);

/// <param name="PasswordHash">crypt(3) form; null locks the password.</param>
/// <param name="Uid">Null takes the first free from 1000.</param>
public sealed record User(
    string Name, uint? Uid, string? PasswordHash, ImmutableArray<string> SshKeys, ImmutableArray<string> Groups,
    string? Shell, string? Home, SourceSpan? Span);
