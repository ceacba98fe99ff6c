using System.Collections.Immutable;
using System.CommandLine;
using Pipeline.Cli.Reporting;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Comparing;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Opening.Remotes;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline update</c>: moves what <c>pipeline.lock</c> pins.</summary>
internal static class UpdateVerb
{
    private static readonly Argument<string[]> Names = new("NAME")
    {
        HelpName = "NAME",
        Arity = ArgumentArity.ZeroOrMore,
        Description = "Images whose upstreams move, or upstreams: the whole name, or its repository's; none is all of them",
    };

    private static readonly Option<bool> DryRun = new("--dry-run", "-n") { Description = "Show what would move, and write nothing" };

    public static Command Create(CommonOptions common) =>
        new VerbCommand("update", "Pin manifests from elsewhere to what their names lead to now")
        {
            Notes = "Manifests that extend git+https://… or oci://… are built from what pipeline.lock pins. This moves the pins, and shows what\n"
                + "moved: commits or digests, and what differs in the images here. Commit the file.",
            Examples =
            [
                ("pipeline update", "look up everything, write pipeline.lock"),
                ("pipeline update kiosk", "only what the image kiosk extends"),
                ("pipeline update --dry-run --json", "what would move, for a program"),
            ],
            ExitCodes =
            [
                (ExitCode.Done, "moved, or nothing has moved"), (ExitCode.Mend, "a manifest has mistakes, or what came is not usable; nothing is written"),
                (ExitCode.TryAgain, "an upstream could not be asked; nothing is written"),
            ],
        }
        .With(Names, DryRun, common.Repository, common.Cache)
        .Does(common, ActAsync);

    private static async Task<ExitCode> ActAsync(Run run, CancellationToken ct)
    {
        await using var opened = OpenedRepository.Prepare(run);
        var before = await opened.ReadAgainAsync(ct);
        var names = (run.Value(Names) ?? []).ToImmutableArray();
        var matched = new HashSet<string>(StringComparer.Ordinal);
        var update = new LockUpdate(opened.Parts, name => names.IsEmpty || names.Where(n => Matches(n, name, before.Value)).ToList() is { Count: > 0 } hit && Note(matched, hit));
        var result = await update.RunAsync(run.RepositoryPath, ct);
        run.Tell(result.Diagnostics);
        if (result.Value is not { } updated)
            return result.Diagnostics.All(d => d.Rule.Code.StartsWith("PL9", StringComparison.Ordinal)) && !result.Diagnostics.IsEmpty ? ExitCode.TryAgain : ExitCode.Mend;
        if (names.FirstOrDefault(n => !matched.Contains(n) && !updated.Moves.Any(m => Matches(n, m.Name, updated.Workspace))) is { } unknown)
            throw new UsageException($"'{unknown}' is no image that extends a manifest elsewhere, and no such place; pipeline.lock pins {Listed(updated.Moves)}");
        run.Tell(updated.Mistakes);
        if (!updated.Mistakes.IsEmpty)
        {
            run.Teller.Announce("pipeline.lock stays as it is; mend that first");
            return ExitCode.Mend;
        }
        await TellAsync(run, before.Value, updated, ct);
        if (!run.Value(DryRun) && updated.Moves.Any(m => m.IsMove))
            LockFile.Write(run.RepositoryPath, updated.Moves.Select(m => m.New).OfType<LockEntry>());
        return ExitCode.Done;
    }

    private static bool Note(HashSet<string> matched, List<string> hit)
    {
        matched.UnionWith(hit);
        return true;
    }

    private static bool Matches(string said, string name, Workspace? workspace) =>
        said == name || said == RepositoryOf(name)
        || workspace?.Images.Any(i => i.Name == said && i.Files.Any(f => f.StartsWith(name + "//", StringComparison.Ordinal))) == true;

    /// <summary><c>images</c> of <c>git+https://git.example/acme/images.git?ref=main</c></summary>
    private static string RepositoryOf(string name)
    {
        var place = name.Split('?')[0].Split('@')[0];
        var last = place[(place.LastIndexOf('/') + 1)..].Split(':')[0];
        return last.EndsWith(".git", StringComparison.Ordinal) ? last[..^4] : last;
    }

    private static string Listed(ImmutableArray<LockMove> moves) =>
        moves.IsEmpty ? "nothing" : string.Join(", ", moves.Select(m => m.Name));

    private static async Task TellAsync(Run run, Workspace? before, LockUpdateResult updated, CancellationToken ct)
    {
        foreach (var move in updated.Moves)
        {
            run.Results.Write(Line(move), "pin", json =>
            {
                json.WriteString("name", move.Name);
                json.WriteString("old", move.Old?.Resolved);
                json.WriteString("new", move.New?.Resolved);
            });
        }
        if (updated.Moves.IsEmpty)
            run.Results.WriteText("no manifest extends one from elsewhere");
        if (before is null || !updated.Moves.Any(m => m.IsMove))
            return;
        var changes = await new RepositoryComparison(before, updated.Workspace, []).CompareAsync(ct);
        ChangeText.TellImages(changes, run.Results);
    }

    private static string Line(LockMove move) => (move.Old, move.New) switch
    {
        (null, { } now) => $"{move.Name} is pinned to {now.Short}",
        ({ } old, null) => $"{move.Name} is no longer named; its pin {old.Short} goes",
        ({ } old, { } now) when move.IsMove => $"{move.Name} {old.Short} → {now.Short}",
        _ => $"{move.Name} stays at {move.Old!.Short}",
    };
}
