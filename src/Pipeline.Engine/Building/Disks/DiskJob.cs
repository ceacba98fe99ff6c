using System.Collections.Immutable;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Live;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Building.Disks;

/// <summary>One disk to be built: the target and all that is the same for each of its parts.</summary>
/// <param name="Clock">The time of everything that the engine makes itself.</param>
/// <param name="Seed">What identifiers are derived from.</param>
internal sealed record DiskJob(Target Target, UnixTime Clock, byte[] Seed, int Parallelism, BuildContext Context)
{
    /// <summary>The file systems of the images that blobs come from, by the blob's index in the board.</summary>
    public ImmutableDictionary<int, FileTree> BlobTrees { get; init; } = ImmutableDictionary<int, FileTree>.Empty;

    /// <summary>The image that a live system carries, as a directory of a single use; null where it carries none.</summary>
    public FileTree? Payload { get; init; }

    /// <summary>Roots that other outputs of the source packed; null for an output that is built alone.</summary>
    public PackedRoots? Roots { get; init; }

    /// <summary>Kernel arguments that the source says in its own way; those of containers, boards and manifests come behind.</summary>
    public ImmutableArray<string> SourceArguments { get; init; } = [];

    /// <summary>The initrd is the whole root: the kernel is told of no other.</summary>
    public bool IsRootInInitrd { get; init; }

    /// <summary>What a BIOS starts; null where it starts nothing of ours.</summary>
    public BootCode? BootCode { get; init; }

    public BoardManifest Board => Target.Board;

    public Customization Customization => Target.Image.Customization;

    /// <summary>What files of this target are called: image and board, and an ending a file.</summary>
    public string FileStem => $"{Target.Image.Name}-{Target.Board.Name}";
}
