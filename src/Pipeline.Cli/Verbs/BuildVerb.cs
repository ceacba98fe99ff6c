using System.Collections.Immutable;
using System.CommandLine;
using System.CommandLine.Parsing;
using Pipeline.Engine.Reconciling;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline build</c>: images into a directory, or one source into one file; releases nothing.</summary>
internal static class BuildVerb
{
    public static Command Create(CommonOptions common)
    {
        var direct = new DirectOptions();
        var output = new Option<string>("--output", "-o", "--stage")
        {
            Required = true,
            HelpName = "PATH",
            Description = "The directory for a repository's images, or with --share a place in a registry, oci://HOST/PATH[:RUN]; with --from the image's file, packed as its suffix .zst, .xz or .gz says",
        };
        var verb = new VerbCommand("build", "Build images into a directory, or one container into a disk image, without releasing them")
        {
            Notes = "Without names, what is stale is built; a named image is built also when it is current or suspended. Each image's\n"
                + "files go to DIR/IMAGE with SHA256SUMS and inputs.json, where 'pipeline publish --output DIR' finds them.\n"
                + "With --from there is no repository: SOURCE is what a manifest's 'source' may be, BOARD a shipped board or a file. Without\n"
                + "--board the layout counts that the container carries in its labels or in disk.yaml ('from-container').",
            Examples =
            [
                ("pipeline build --output out", "build what is stale into out/IMAGE/"),
                ("pipeline build --share 0/3 --stage stage", "the first third of what is stale; 'pipeline publish --staged stage' releases all of it"),
                ("pipeline build --share 0/3 --stage oci://registry.example/acme/stage", "the same, for machines that share no directory"),
                ("pipeline build kiosk --board uefi-arm64 -o out", "build one image for one board"),
                ("pipeline build --from quay.io/fedora/fedora-bootc:42 --board uefi-x86_64 -o disk.img", "a container into a disk image, without a repository"),
                ("pipeline build --from oci:layout:latest --board ./my-board.yaml -o disk.img.zst --bmap", "a local container for a board of your own"),
                ("pipeline build --from containers-storage:localhost/my-board -o disk.img", "a container that carries its layout, as podman built it"),
                ("pipeline build --from oci:kiosk --board pc-x86_64 --as live -o stick.img", "a live system, which forgets what is written"),
                ("pipeline build --from docker.io/library/debian:12 --platform arm64 --as directory -o rootfs", "only the files, in a new directory"),
            ],
            ExitCodes =
            [
                (ExitCode.Done, "built, or nothing is stale"), (ExitCode.Mend, "a manifest, the board or the source must be mended"),
                (ExitCode.TryAgain, "a registry or the disk failed"), (ExitCode.PartlyDone, "some images failed to build; the others are done"),
            ],
        }
        .With(common.Images, common.Boards, output, common.Share, common.Targets, common.Force, common.Parallel)
        .With([.. direct.All])
        .With(common.Releases, common.VerifyDiffIds, common.Repository, common.Ref, common.Cache, common.Offline)
        .Does(common, (run, ct) => run.Value(direct.From) is null
            ? BuildRepository.ActAsync(run, run.Value(output)!, ct)
            : BuildDirect.ActAsync(run, direct, run.Value(output)!, ct));
        verb.Validators.Add(result => Check(result, common, direct));
        return verb;
    }

    private static void Check(CommandResult result, CommonOptions common, DirectOptions direct)
    {
        var boards = result.GetValue(common.Boards)?.Length ?? 0;
        if (result.GetResult(direct.From) is null)
        {
            if (result.GetResult(common.Targets) is not null && result.GetResult(common.Share) is null)
                result.AddError("--targets goes with --share, whose part of a plan they are");
            foreach (var option in direct.All.Where(o => o != direct.From && result.GetResult(o) is { Implicit: false }))
                result.AddError($"{option.Name} goes with --from; a repository's manifests say it there");
            return;
        }
        if (boards > 1)
            result.AddError("--from takes one --board: the name of a shipped board ('pipeline boards' lists them) or a file");
        if (boards == 1 && result.GetResult(direct.Platform) is { Implicit: false })
            result.AddError("a board says its platform; leave out --platform");
        if (result.GetValue(direct.As) == DirectOptions.AsDirectory)
            CheckDirectory(result, common, direct);
        if (result.GetResult(common.Images) is { Tokens.Count: > 0 })
            result.AddError("--from builds without a repository; name no images");
        if (result.GetResult(common.Repository) is not null)
            result.AddError("--from builds without a repository; leave out --repo");
        if (result.GetResult(common.Releases) is not null)
            result.AddError("--from builds without releases; leave out --releases");
        if (result.GetResult(common.Share) is not null)
            result.AddError("--from builds one image; there is nothing to share");
        if (result.GetResult(common.Targets) is not null)
            result.AddError("--from builds one image; leave out --targets");
        if (result.GetResult(common.Ref) is not null)
            result.AddError("--from builds without a repository; leave out --ref");
    }

    private static void CheckDirectory(CommandResult result, CommonOptions common, DirectOptions direct)
    {
        Option[] ofDisks = [common.Boards, direct.Layout, direct.KernelArguments, direct.Hostname, direct.BlockMap];
        foreach (var option in ofDisks.Where(o => result.GetResult(o) is { Implicit: false }))
            result.AddError($"{option.Name} is about a disk; --as directory writes the files as the source has them");
    }
}

/// <summary>What only <c>build --from</c> knows.</summary>
internal sealed class DirectOptions
{
    public Option<string?> From { get; } = new("--from") { HelpName = "SOURCE", Description = "Build this source, without a repository" };

    public Option<string[]> KernelArguments { get; } = new("--kernel-arg") { HelpName = "ARG", Description = "With --from: one more kernel argument; may be repeated", DefaultValueFactory = _ => [] };

    public Option<string?> Hostname { get; } = new("--hostname") { HelpName = "NAME", Description = "With --from: the host name" };

    public Option<bool> BlockMap { get; } = new("--bmap") { Description = "With --from: write a .bmap beside the image" };

    public Option<string?> Platform { get; } = new("--platform") { HelpName = "PLATFORM", Description = "With --from and no board: which of the container's platforms" };

    public Option<string?> Layout { get; } = new("--layout") { HelpName = "FILE", Description = "With --from: partitions in the JSON of the layout label, in place of the board's and the container's" };

    public Option<string?> As { get; } = new("--as") { HelpName = "KIND", Description = "With --from: a disk image (disk), a disk that runs from a packed root (live), the files of such a stick (esp), one file for CD and stick (iso), what a machine fetches that boots over the network (netboot), or the source's files (directory)" };

    public const string AsDirectory = "directory";

    public DirectOptions() => As.AcceptOnlyFromAmong("disk", "live", "esp", "iso", "netboot", AsDirectory);

    public ImmutableArray<Option> All => [From, As, Layout, Platform, KernelArguments, Hostname, BlockMap];
}
