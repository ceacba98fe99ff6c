using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Changelog;
using Pipeline.Engine.Publishing.Packages;
using Pipeline.Engine.Publishing.Proof;

namespace Pipeline.Engine.Publishing;

/// <summary>What shall be released of one image.</summary>
/// <param name="Steps">The stale targets, with their reasons.</param>
/// <param name="Built">One artifact for each step.</param>
/// <param name="Seen">The newest release when the plan was made; null for none.</param>
public sealed record ReleaseRequest(
    ImageManifest Image, ImmutableArray<PlanStep> Steps, ImmutableArray<Artifact> Built, PublishedRelease? Seen);

/// <param name="IsNew">False: somebody else published the very same meanwhile, and that is it.</param>
public sealed record Publication(Release Release, bool IsNew);

/// <summary>
/// Puts a release together: what was built, what is carried over, the record, the changelog and the checksums. Create or
/// complete, never duplicate.
/// </summary>
/// <param name="git">Null outside of git: then the changelog names no commits.</param>
public sealed class Publisher(IReleaseHost host, GitRepository? git)
{
    /// <summary>Makers of further documents, in this order; each is told of those made before it.</summary>
    public ImmutableArray<IReleaseDocuments> Further { get; init; } = [];

    /// <summary>The repository's wishes about the text of releases.</summary>
    public NotesConfig Notes { get; init; } = new(null, []);

    /// <summary>Releases are GitHub's, and so is the repository that they name.</summary>
    public bool IsOnGitHub { get; init; }

    /// <summary>Makes the checksums, and what proves the release.</summary>
    public ReleaseSeal Seal { get; init; } = ReleaseSeal.Plain;

    /// <summary>What would keep a release from being made, whatever it holds: to be asked before the long work. Empty for nothing.</summary>
    public async Task<ImmutableArray<Diagnostic>> CheckAsync(CancellationToken ct) => (await Seal.FindKeyAsync(ct)).Diagnostics;

    public async Task<Result<Publication>> PublishAsync(ReleaseRequest request, CancellationToken ct)
    {
        try
        {
            return await ReleaseAsync(request, ct);
        }
        catch (OvertakenException e)
        {
            return Overtaken(request, e.Newest);
        }
        catch (ReleaseRefusedException e)
        {
            return Result<Publication>.Failed(e.Diagnostic with { Span = request.Image.Span });
        }
    }

    private async Task<Result<Publication>> ReleaseAsync(ReleaseRequest request, CancellationToken ct)
    {
        await using var draft = await host.OpenAsync(request.Image.Name, ct);
        var previous = draft.Previous;
        if (previous is not null && previous.Version != request.Seen?.Version)
            return Overtaken(request, previous);

        var head = git is null ? null : await git.HeadAsync(ct);
        var packages = await ReleasePackages.GatherAsync(draft, request, ct);
        var record = packages.AttachTo(Compose(request, draft, head?.Commit));
        if (CheckNames(record) is { IsEmpty: false } mistakes)
            return Result<Publication>.Failed(mistakes);
        await AddFilesAsync(draft, record, request.Built, ct);
        var documents = await DocumentsAsync(new(request, record) { Packages = packages }, head, ct);
        if (!documents.IsOk)
            return Result<Publication>.Failed(documents.Diagnostics);
        foreach (var document in documents.Value)
            await draft.WriteAsync(document.Name, document.Content, ct);
        return new Publication(await draft.PublishAsync(ct), IsNew: true);
    }

    /// <summary>Somebody was faster. If they released what we built there is nothing left to do; otherwise only a new plan can tell.</summary>
    private static Result<Publication> Overtaken(ReleaseRequest request, PublishedRelease newest)
    {
        var isSame = request.Steps.All(step =>
            newest.Record?.Targets.GetValueOrDefault(step.Target.Id) is { Lost.IsEmpty: true } there
            && Planner.Differences(there.Inputs.Deciding, step.Target.Inputs!.Deciding).FirstOrDefault() is null);
        return isSame
            ? new Publication(newest.Release, IsNew: false)
            : Result<Publication>.Failed(
                Diagnostic.Create(PublishingRules.Overtaken, request.Image.Span, request.Image.Name, newest.Version));
    }

    private static ReleaseRecord Compose(ReleaseRequest request, IReleaseDraft draft, string? commit)
    {
        var built = request.Built.ToDictionary(a => a.Target.Id, a => ToPublished(a, draft.Version), StringComparer.Ordinal);
        var wanted = Target.IdsOf(request.Image);
        var carried = (draft.Previous?.Record?.Targets.Values ?? []).Where(t => wanted.Contains(t.Id) && !built.ContainsKey(t.Id) && t.Lost.IsEmpty);
        return new(
            request.Image.Name, draft.Version, draft.Previous?.Version, commit, request.Image.Labels,
            built.Values.Concat(carried).ToImmutableSortedDictionary(t => t.Id, t => t, StringComparer.Ordinal));
    }

    private static PublishedTarget ToPublished(Artifact artifact, string version) => new(
        artifact.Target.Id, version, artifact.Target.Inputs!,
        [.. artifact.Files.Select(f => f.Listed)], []);

    private static ImmutableArray<Diagnostic> CheckNames(ReleaseRecord record)
    {
        var bag = new DiagnosticBag();
        foreach (var name in record.Files.Select(f => f.Name).Where(n => !ReleaseNames.IsValid(n) || ReleaseDocuments.Contains(n)))
            bag.Add(PublishingRules.UnsuitableName, null, name);
        foreach (var twice in record.Files.GroupBy(f => f.Name, StringComparer.Ordinal).Where(g => g.Skip(1).Any()))
            bag.Add(PublishingRules.DuplicateFile, null, record.Image, twice.Key);
        return bag.ToImmutable();
    }

    private static async Task AddFilesAsync(
        IReleaseDraft draft, ReleaseRecord record, ImmutableArray<Artifact> built, CancellationToken ct)
    {
        var paths = built.SelectMany(a => a.Files).ToDictionary(f => f.Name, f => f.Path, StringComparer.Ordinal);
        foreach (var file in record.Files)
        {
            if (paths.TryGetValue(file.Name, out var path))
                await draft.AddAsync(file, path, ct);
            else
                await draft.CarryAsync(file, ct);
        }
    }

    /// <summary>Everything beside the files of the targets, in the order in which it is written: the checksums and their signature last.</summary>
    private async Task<Result<ImmutableArray<ReleaseDocument>>> DocumentsAsync(ReleaseContents contents, GitHead? head, CancellationToken ct)
    {
        var notes = await new NotesGatherer(git, Notes, IsOnGitHub).GatherAsync(contents, head, ct);
        contents = contents.With(
        [
            new(ReleaseDocuments.Inputs, ReleaseRecordJson.Write(contents.Record)),
            new(ReleaseDocuments.Changelog, Encoding.UTF8.GetBytes(ReleaseNotes.Write(notes, Notes.Template))),
            new(ReleaseDocuments.Changes(contents.Record.Image), ChangesJson.Write(notes)),
            .. contents.Packages.Documents,
        ]);
        foreach (var maker in Further)
        {
            var made = await maker.MakeAsync(contents, ct);
            if (!made.IsOk)
                return made;
            contents = contents.With([.. made.Value]);
        }
        return await Seal.CloseAsync(contents, ct);
    }
}
