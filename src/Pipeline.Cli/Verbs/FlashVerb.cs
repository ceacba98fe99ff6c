using System.CommandLine;
using Pipeline.Cli.Reporting;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Flashing;
using Pipeline.Engine.Flashing.Devices;
using Pipeline.Engine.Flashing.Images;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline flash</c>: an image onto a card, a stick or a disk.</summary>
internal static class FlashVerb
{
    public static Command Create(CommonOptions common)
    {
        var options = new FlashArguments();
        var verb = new VerbCommand("flash", "Write an image to a card, a stick or a disk, and read it back")
        {
            Notes = "IMAGE is a file (.img, also packed as .zst, .xz or .gz), a release directory, or IMAGE[/VERSION] of the repository's\nreleases; what lies on GitHub or in a registry is downloaded and verified first. A block map beside it is used, and SHA256SUMS beside it is checked while reading. Whatever goes wrong, the disk's\npartition table comes last: a disk that starts was written whole and read back.",
            Examples =
            [
                ("pipeline flash", "the cards and sticks that are there"),
                ("pipeline flash disk.img.zst /dev/sdb", "shows the disk, asks, writes, reads back"),
                ("pipeline flash debian-minimal /dev/sdb --board uefi-x86_64", "the newest release of an image"),
                ("pipeline flash disk.img.zst /dev/sdb --resume", "after an interruption: writes only what is missing"),
            ],
            ExitCodes =
            [
                (ExitCode.Done, "written and read back"), (ExitCode.Mend, "the image is damaged, or the disk is in use or does not fit"),
                (ExitCode.TryAgain, "the disk failed, or reads back something else"),
                (ExitCode.Cancelled, "cancelled; where writing had begun, the disk is half-written and starts nothing"),
            ],
        }
        .With(options.Image, options.Device, options.Board, options.BlockMap, options.NoBlockMap, options.Yes, options.Resume, options.NoVerify, options.File, options.SectorSize, common.Releases, common.Repository, common.Cache);
        verb.Validators.Add(result =>
        {
            if (result.GetResult(options.BlockMap) is not null && result.GetValue(options.NoBlockMap))
                result.AddError("--bmap and --no-bmap exclude each other");
        });
        return verb.Does(common, (run, ct) => ActAsync(run, options, ct));
    }

    private static async Task<ExitCode> ActAsync(Run run, FlashArguments options, CancellationToken ct)
    {
        var devices = new BlockDevices("");
        if (run.Value(options.Image) is not { } what)
            return List(run, devices);
        if (run.Value(options.Device) is not { } path)
        {
            List(run, devices);
            throw new UsageException("say which disk: 'pipeline flash IMAGE DEVICE'");
        }
        var local = await FlashSource.BringAsync(run, what, run.Value(options.Board), ct);
        if (Failed(run, local.Diagnostics))
            return ExitCode.Mend;
        var found = ImageFinder.Find(new(local.Value!.What, local.Value.StorePath, run.Value(options.Board), run.Value(options.BlockMap), run.Value(options.NoBlockMap)));
        if (Failed(run, found.Diagnostics))
            return ExitCode.Mend;
        var opened = FlashImage.Open(found.Value!);
        if (Failed(run, opened.Diagnostics))
            return ExitCode.Mend;
        using var image = opened.Value!;
        var sectorBytes = run.Value(options.SectorSize) ?? 512;
        var target = run.Value(options.File) ? FlashTarget.OfFile(path, image.SectorBytes ?? sectorBytes) : FlashTarget.OfDevice(path, devices);
        if (Failed(run, target.Diagnostics) || Failed(run, Flasher.Check(image, target.Value!, sectorBytes)))
            return ExitCode.Mend;
        if (!await MayWriteAsync(run, options, image, target.Value!, ct))
            return ExitCode.Cancelled;
        var wishes = new FlashOptions(run.Value(options.Resume), !run.Value(options.NoVerify));
        var outcome = await Task.Run(() => new Flasher(run.Teller).Flash(image, target.Value!, wishes, ct), ct);
        run.Tell(outcome.Diagnostics);
        FlashText.Tell(run.Results, target.Value!, outcome, wishes);
        return outcome.Status switch
        {
            FlashStatus.Done => ExitCode.Done,
            FlashStatus.Refused => ExitCode.Mend,
            FlashStatus.Failed => ExitCode.TryAgain,
            _ => ExitCode.Cancelled,
        };
    }

    private static ExitCode List(Run run, BlockDevices devices)
    {
        var candidates = devices.List().Where(d => d.IsCandidate).Select(d => (d, DeviceCheck.Check(d, d.Path, devices).FirstOrDefault())).ToList();
        FlashText.List(run.Results, candidates);
        return ExitCode.Done;
    }

    private static bool Failed(Run run, IEnumerable<Diagnostic> diagnostics)
    {
        run.Tell([.. diagnostics]);
        return diagnostics.Any(d => d.Rule.Severity == Severity.Error);
    }

    private static async Task<bool> MayWriteAsync(Run run, FlashArguments options, FlashImage image, FlashTarget target, CancellationToken ct)
    {
        run.Teller.Announce(FlashText.Of(image));
        run.Teller.Announce(FlashText.Of(target));
        if (run.Value(options.Yes))
            return true;
        if (Console.IsInputRedirected)
            throw new UsageException("nobody is there to be asked whether all that is on the disk may go; say --yes");
        run.Teller.Settle();
        await Console.Error.WriteAsync($"All that is on {target.Shown} is lost. Type 'yes' to go on: ");
        // A read from the terminal cannot be cancelled, but it need not be waited for.
        var answer = await Task.Run(Console.ReadLine, ct).WaitAsync(ct);
        if (answer?.Trim() == "yes")
            return true;
        await Console.Error.WriteLineAsync("nothing was written");
        return false;
    }
}

/// <summary>The arguments and options of the verb.</summary>
internal sealed class FlashArguments
{
    public Argument<string?> Image { get; } = new("IMAGE") { HelpName = "IMAGE", Arity = ArgumentArity.ZeroOrOne, Description = "An image file, a release directory, or IMAGE[/VERSION] of the releases; none lists the disks" };

    public Argument<string?> Device { get; } = new("DEVICE") { HelpName = "DEVICE", Arity = ArgumentArity.ZeroOrOne, Description = "The whole disk to overwrite, such as /dev/sdb" };

    public Option<string?> Board { get; } = new("--board", "-b") { HelpName = "BOARD", Description = "Which image of a release" };

    public Option<string?> BlockMap { get; } = new("--bmap") { HelpName = "FILE", Description = "The block map (default: the one beside the image)" };

    public Option<bool> NoBlockMap { get; } = new("--no-bmap") { Description = "Write everything, also where there is a block map" };

    public Option<bool> Yes { get; } = new("--yes", "-y") { Description = "Do not ask" };

    public Option<bool> Resume { get; } = new("--resume") { Description = "Leave alone what is on the disk already" };

    public Option<bool> NoVerify { get; } = new("--no-verify") { Description = "Do not read back" };

    public Option<bool> File { get; } = new("--file") { Description = "DEVICE is a regular file that has the disk's length already (for emulators)" };

    public Option<int?> SectorSize { get; } = new("--sector-size") { HelpName = "BYTES", Description = "What an image with an MBR was made for, 512 or 4096 (default: 512); a GPT says it itself" };

    public FlashArguments()
    {
        SectorSize.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && result.Tokens[0].Value is not ("512" or "4096"))
                result.AddError($"--sector-size is {result.Tokens[0].Value}, expected 512 or 4096");
        });
        Device.CompletionSources.Add(_ => new BlockDevices("").List().Where(d => d.IsCandidate).Select(d => d.Path));
    }
}
