using System.Collections.Immutable;
using System.Diagnostics;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Engine.Building.Disks;
using Pipeline.Engine.Building.Isos;
using Pipeline.Engine.Building.LinuxKit;
using Pipeline.Engine.Building.Live;
using Pipeline.Engine.Building.Live.Media;
using Pipeline.Engine.Building.Live.Netboot;
using Pipeline.Engine.Building.Live.Payloads;
using Pipeline.Engine.Building.Outputs;
using Pipeline.Engine.Building.Sources;
using Pipeline.Engine.Building.Trees;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Layers;
using Pipeline.Oci.Proof;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Building;

/// <summary>What the builder is composed of.</summary>
public sealed record ImageBuilderSettings
{
    /// <summary>Opens a source that is not a <c>command:</c>.</summary>
    public required Func<ImageSource, Result<IImageSource>> OpenSource { get; init; }

    /// <summary>Kept between runs: what <c>command:</c> sources left, by their fingerprint.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>Says when what is kept was used last; nothing of it reaches an output.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    public int Parallelism { get; init; } = Environment.ProcessorCount;

    /// <summary>Hash the uncompressed layers too.</summary>
    public bool VerifyDiffIds { get; init; }

    /// <summary>The clock of every output, from the environment's SOURCE_DATE_EPOCH; null takes the source's creation time.</summary>
    public long? SourceDateEpoch { get; init; }
}

/// <summary>
/// The imaging engine: opens and unpacks a source once, proves that it is for the platform, and pours it into each
/// board's disk. Needs no privileges and no tools of the host, and no network once the layers are unpacked.
/// </summary>
public sealed class ImageBuilder(ImageBuilderSettings settings) : IImageBuilder
{
    /// <summary>The clock where neither the environment nor the source has one: 1980-01-01, the first day that FAT can say.</summary>
    public const long DefaultEpochSeconds = 315_532_800;

    public async Task<ImmutableArray<Result<Artifact>>> BuildAsync(
        ImmutableArray<Target> targetsOfOneSource, BuildContext context, CancellationToken ct)
    {
        var first = targetsOfOneSource[0];
        if (first.Resolved is ResolvedLinuxKit system)
            return await BuildLinuxKitAsync(system, targetsOfOneSource, context, ct);
        var opened = await OpenAsync(first, context, ct);
        if (!opened.IsOk)
            return All(opened.Diagnostics, targetsOfOneSource);
        await using var source = opened.Value!;
        var selected = await SelectAsync(source, first, ct);
        if (!selected.IsOk)
            return All(selected.Diagnostics, targetsOfOneSource);
        var unpacked = await UnpackAsync(source, selected.Value!, context, ct);
        if (!unpacked.IsOk)
            return All(unpacked.Diagnostics, targetsOfOneSource);
        using var image = unpacked.Value!;
        return await BuildAllAsync(new(selected.Value!, image.Tree), targetsOfOneSource, context, ct);
    }

    private async Task<ImmutableArray<Result<Artifact>>> BuildLinuxKitAsync(
        ResolvedLinuxKit system, ImmutableArray<Target> targetsOfOneSource, BuildContext context, CancellationToken ct)
    {
        var first = targetsOfOneSource[0];
        using var images = new ContainerImages(new(settings.OpenSource, Unpacking(context, "layers")));
        var assembled = await images.AssembleAsync(first.Image.LinuxKit!, system, ct);
        if (!assembled.IsOk)
            return All(assembled.Diagnostics, targetsOfOneSource);
        var whole = ContainerImages.Whole(system, first.Board.Platform);
        var built = await BuildAllAsync(new(whole, assembled.Value!.Root) { LinuxKit = assembled.Value }, targetsOfOneSource, context, ct);
        return [.. built.Select(b => b with { Diagnostics = [.. assembled.Diagnostics, .. b.Diagnostics] })];
    }

    private async Task<ImmutableArray<Result<Artifact>>> BuildAllAsync(
        Unpacked source, ImmutableArray<Target> targetsOfOneSource, BuildContext context, CancellationToken ct)
    {
        var first = targetsOfOneSource[0];
        var proof = PlatformProof.Check(source.Tree, first.Board.Platform, first.Image.Source.Span);
        if (proof.Any(d => d.Rule.Severity == Severity.Error))
            return All(proof, targetsOfOneSource);
        var (inventory, unread) = context.ListPackages ? SourceContents.Read(first, source.Image, source.Tree, Clock(source.Image), context, ct) : (null, []);
        if (inventory is not null)
            inventory = inventory with { InheritedLabels = await BaseLabels.InheritedAsync(settings.OpenSource, inventory.Reference, source.Image, ct) };
        using var blobImages = new PlannedImages(settings.OpenSource, Unpacking(context, "blobs"));
        using var payloads = new PayloadTrees(new(settings.OpenSource, Unpacking(context, "payloads")), Path.Combine(context.OutputDirectory, "payloads"));
        using var roots = new PackedRoots(source.Tree, targetsOfOneSource.Count(t => t.Output.IsLive));
        var results = ImmutableArray.CreateBuilder<Result<Artifact>>(targetsOfOneSource.Length);
        foreach (var target in targetsOfOneSource)
        {
            var bag = new DiagnosticBag();
            bag.AddRange(proof);
            bag.AddRange(unread.Select(d => d with { Span = target.Image.Source.Span }));
            var blobTrees = await BlobImages.UnpackAsync(blobImages, target, bag, ct);
            var payload = await payloads.MakeAsync(target, Clock(source.Image), bag, ct);
            var built = bag.HasErrors ? Result<Artifact>.Failed(bag.ToImmutable()) : Build(target, source with { BlobTrees = blobTrees, Payload = payload, Roots = roots }, bag, context, ct);
            results.Add(built with { Value = built.Value is { } artifact ? artifact with { Inventory = inventory } : null });
        }
        return results.MoveToImmutable();
    }

    private static ImmutableArray<Result<Artifact>> All(ImmutableArray<Diagnostic> why, ImmutableArray<Target> targets) =>
        [.. targets.Select(_ => Result<Artifact>.Failed(why))];

    private async Task<Result<IImageSource>> OpenAsync(Target target, BuildContext context, CancellationToken ct)
    {
        if (target.Resolved is not ResolvedCommand command)
            return settings.OpenSource(target.Image.Source);
        var runner = new CommandSource(new(settings.CacheDirectory, settings.Clock), settings.SourceDateEpoch ?? DefaultEpochSeconds);
        var made = await runner.MakeAsync(command, target, context, ct);
        return made.IsOk
            ? settings.OpenSource(target.Image.Source with { Text = made.Value! })
            : Result<IImageSource>.Failed(made.Diagnostics);
    }

    /// <summary>
    /// A source is opened anew for a build, and its reference may have moved since the plan: then what is built would not
    /// be what the plan said, so the build is refused and the next run plans again.
    /// </summary>
    private static async Task<Result<PlatformImage>> SelectAsync(IImageSource source, Target target, CancellationToken ct)
    {
        var selected = await source.SelectAsync(target.Board.Platform, ct);
        if (!selected.IsOk || target.Resolved is not ResolvedImage planned || selected.Value!.ManifestDigest == planned.Image.ManifestDigest)
            return selected;
        return Result<PlatformImage>.Failed(Diagnostic.Create(
            BuildingRules.SourceMoved, target.Image.Source.Span, source.Name, planned.Image.ManifestDigest.Short, selected.Value.ManifestDigest.Short));
    }

    private async Task<Result<UnpackedImage>> UnpackAsync(
        IImageSource source, PlatformImage image, BuildContext context, CancellationToken ct)
    {
        return await ImageUnpacker.UnpackAsync(source, image, Unpacking(context, "layers"), ct);
    }

    private UnpackOptions Unpacking(BuildContext context, string folder) => new()
    {
        ScratchDirectory = Path.Combine(context.OutputDirectory, folder),
        Parallelism = settings.Parallelism,
        VerifyDiffIds = settings.VerifyDiffIds,
        Reporter = context.Reporter,
    };

    private sealed record Unpacked(PlatformImage Image, FileTree Tree)
    {
        public ImmutableDictionary<int, FileTree> BlobTrees { get; init; } = ImmutableDictionary<int, FileTree>.Empty;

        /// <summary>Of a single target.</summary>
        public FileTree? Payload { get; init; }

        public PackedRoots? Roots { get; init; }

        /// <summary>Set where the tree is the root of a system of several containers.</summary>
        public LinuxKitSystem? LinuxKit { get; init; }
    }

    private Result<Artifact> Build(Target target, Unpacked source, DiagnosticBag bag, BuildContext context, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        if (target.Output.Kind == OutputKind.Directory)
            return new(WriteTree(target, source.Tree, bag, context, ct), bag.ToImmutable());
        if (target.Board.IsUnread && !target.Output.IsLive)
        {
            var board = CarriedLayout.Complete(target.Board, source.Image.Labels, source.Tree, target.Image.Source.Text);
            bag.AddRange(board.Diagnostics);
            if (!board.IsOk)
                return Result<Artifact>.Failed(bag.ToImmutable());
            target = target with { Board = board.Value! };
        }
        var job = new DiskJob(target, Clock(source.Image), BuildSeed.Of(target, source.Image), settings.Parallelism, context) { BlobTrees = source.BlobTrees, Payload = source.Payload, Roots = source.Roots };
        var artifact = source.LinuxKit is { } system ? LinuxKitOutputs.Make(job, system, (j, tree) => Make(j, tree, bag, ct), bag, ct) : Make(job, source.Tree.Clone(), bag, ct);
        // File systems are measured and then placed, and say the same twice.
        ImmutableArray<Diagnostic> all = [.. bag.ToImmutable().Distinct()];
        return artifact is null ? Result<Artifact>.Failed(all) : new Result<Artifact>(artifact, all);
    }

    /// <param name="tree">Of this output alone.</param>
    /// <returns>Null where the bag has the reason.</returns>
    private static Artifact? Make(DiskJob job, FileTree tree, DiagnosticBag bag, CancellationToken ct)
    {
        var kind = job.Target.Output.Kind;
        if (kind == OutputKind.Netboot)
            return NetbootFiles.Build(job, tree, bag, ct);
        var file = kind switch
        {
            OutputKind.Disk => DiskBuilder.Build(job, tree, bag, ct),
            OutputKind.Iso => IsoBuilder.Build(job, tree, bag, ct),
            OutputKind.Live => LiveDisk.Build(job, tree, bag, ct),
            OutputKind.Esp => LiveEspTar.Build(job, tree, bag, ct),
            _ => throw new UnreachableException($"an output of kind {kind}"),
        };
        return file is null ? null : OutputFiles.Make(job, file, ct);
    }

    private UnixTime Clock(PlatformImage image) => new(Math.Max(0, settings.SourceDateEpoch ?? image.Created?.ToUnixTimeSeconds() ?? DefaultEpochSeconds));

    private static Artifact WriteTree(Target target, FileTree tree, DiagnosticBag bag, BuildContext context, CancellationToken ct)
    {
        const string name = "root";
        var bytes = tree.Walk().Sum(n => n.Node is RegularFile file ? file.Content.LengthBytes : 0);
        using var activity = context.Reporter.Begin("write the directory", bytes);
        var lost = TreeWriter.Write(tree, context.OutputDirectory, name, activity, ct);
        if (!lost.IsEmpty)
            bag.Add(TreeRules.NotKept, target.Image.Span, target.Image.Source.Text, string.Join(", ", lost));
        return new(target, [new(Path.Combine(context.OutputDirectory, name), name, new(bytes), null)], []);
    }
}
