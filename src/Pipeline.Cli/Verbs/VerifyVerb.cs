using System.Collections.Immutable;
using System.CommandLine;
using Pipeline.Cli.Reporting;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Verifying;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline verify</c>: is this what was released, who says so, and does it come out again.</summary>
internal static class VerifyVerb
{
    public static Command Create(CommonOptions common)
    {
        var options = new VerifyArguments();
        return new VerbCommand("verify", "Check a release or a download: checksums, signature, provenance")
        {
            Notes = "RELEASE is a file or a directory with its SHA256SUMS, or IMAGE, IMAGE/VERSION or the tag IMAGE-VERSION of the repository's\nreleases: a directory, GitHub, a registry. The key is --key, or signing.publicKey of the repository's pipeline.yaml.\nIt goes on after a mistake, so that all are told.",
            Examples =
            [
                ("pipeline verify kiosk-pc.img.zst --key release-key.pub.pem", "one file that was downloaded with SHA256SUMS and SHA256SUMS.sig"),
                ("pipeline verify ~/Downloads/kiosk", "everything in a directory"),
                ("pipeline verify kiosk/20261121.0", "a release of this repository, where its releases are"),
                ("pipeline verify kiosk --rebuild --board uefi-x86_64", "also build it again from the recorded inputs, and compare to the byte"),
            ],
            ExitCodes =
            [
                (ExitCode.Done, "all that can be checked is right, and with --rebuild comes out again"), (ExitCode.Mend, "something is wrong, or there is no such release"),
                (ExitCode.TryAgain, "the release store or a registry failed"),
            ],
        }
        .With(options.Release, options.Key, options.Rebuild, common.Boards, common.Ref, common.Releases, common.Repository, common.Cache, common.Offline)
        .Does(common, (run, ct) => ActAsync(run, options, ct));
    }

    private static async Task<ExitCode> ActAsync(Run run, VerifyArguments options, CancellationToken ct)
    {
        var workspace = WorkspaceReader.Read(run.RepositoryPath).Value;
        var key = await VerifyKey.FindAsync(run.Value(options.Key), workspace?.Config.Signing, ct);
        run.Tell(key.Diagnostics);
        if (!key.IsOk)
            return ExitCode.Mend;
        var rebuilds = run.Value(options.Rebuild);
        if (!rebuilds && (run.Value(run.Common.Boards) is { Length: > 0 } || run.Value(run.Common.Ref) is not null))
            throw new UsageException("--board and --ref say what --rebuild builds again; add that, or name the one file that is to be verified");
        if (rebuilds && workspace is null)
            throw new UsageException($"--rebuild needs the manifests that the release was made of; '{run.RepositoryPath}' has none (--repo)");
        await using var parts = rebuilds ? Composition.ForRepository(run, workspace!) : Composition.ForLooking(run, workspace ?? Nothing(run));
        try
        {
            var found = await new ReleaseFinder(parts.Reader, parts.ReleasesPlace).FindAsync(run.Value(options.Release)!, ct);
            run.Tell(found.Diagnostics);
            if (found.Value is not { } release)
                return ExitCode.Mend;
            var report = await new ReleaseVerifier(run.Teller).VerifyAsync(release.Files, new(key.Value, release.File, release.Expected), ct);
            run.Tell(report.Diagnostics);
            VerifyText.Tell(run.Results, report);
            var isEqual = !rebuilds || await RebuildAsync(run, parts, release, report, ct);
            return report.IsRight && isEqual ? ExitCode.Done : ExitCode.Mend;
        }
        catch (ReleaseRefusedException e)
        {
            run.Tell([e.Diagnostic]);
            return ExitCode.Mend;
        }
    }

    private static async Task<bool> RebuildAsync(Run run, Composition parts, FoundRelease release, VerifyReport report, CancellationToken ct)
    {
        if (report.Record is not { } record)
        {
            run.Tell([Diagnostic.Create(VerifyRules.NoRecord, null, report.Location)]);
            return false;
        }
        var boards = run.Value(run.Common.Boards) ?? [];
        bool IsWanted(PublishedTarget target) =>
            (boards.Length == 0 || boards.Contains(target.Id.Split('/').ElementAtOrDefault(1)))
            && (release.File is not { } file || target.Files.Any(f => f.Name == file) || ReleaseDocuments.Contains(file));
        if (!record.Targets.Values.Any(IsWanted))
        {
            run.Tell([Diagnostic.Create(VerifyRules.NothingToRebuild, null, report.Location, string.Join(", ", boards), string.Join(", ", record.Targets.Keys.Select(k => k.Split('/').ElementAtOrDefault(1)).Distinct()))]);
            return false;
        }
        var rebuilt = await parts.Rebuilder().RunAsync(parts.RecordedManifests().ReadAsync, record, release.Files, IsWanted, ct);
        run.Tell(rebuilt.Diagnostics);
        VerifyText.Tell(run.Results, rebuilt);
        return rebuilt.IsEqual;
    }

    /// <summary>Without a repository only files and directories can be named.</summary>
    private static Workspace Nothing(Run run) => new(run.RepositoryPath, new PipelineConfig(), [], ImmutableSortedDictionary<string, BoardManifest>.Empty, []);
}

/// <summary>The arguments and options of the verb.</summary>
internal sealed class VerifyArguments
{
    public Argument<string> Release { get; } = new("RELEASE") { HelpName = "RELEASE", Description = "A file or directory with its SHA256SUMS, or IMAGE[/VERSION] of the releases" };

    public Option<bool> Rebuild { get; } = new("--rebuild") { Description = "Also build it again from what was recorded, with the manifests of that commit (or of --ref), and compare to the byte" };

    public Option<string?> Key { get; } = new("--key") { HelpName = "FILE", Description = "The public key that must have signed (default: signing.publicKey of the repository)" };
}
