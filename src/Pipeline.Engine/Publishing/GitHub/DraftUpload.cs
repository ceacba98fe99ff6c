using System.Collections.Immutable;
using Pipeline.Engine.Publishing.GitHub.Api;

namespace Pipeline.Engine.Publishing.GitHub;

/// <param name="Commit">What it was made from; null outside of git.</param>
internal sealed record WantedRelease(ReleaseTag Tag, string Body, ReleaseMarker Marker, string? Commit, ImmutableArray<AssetSource> Files)
{
    public required ImmutableSortedSet<ReleaseVersion> TakenVersions { get; init; }
}

/// <summary>
/// Makes a draft hold exactly what is wanted, and publishes it. Every step looks before it acts, so that it may be
/// repeated, and so that two that do the same do not harm each other.
/// </summary>
internal sealed class DraftUpload(GitHubReleases host, GitHubApi api, GitHubSettings settings, WantedRelease wanted)
{
    /// <summary>More than the failures of a bad day; each round sends only what is missing.</summary>
    private const int MaxRounds = 8;

    private readonly string _image = wanted.Tag.Image;

    /// <param name="previous">The newest release when the draft was opened.</param>
    /// <exception cref="OvertakenException">Somebody else was faster.</exception>
    public async Task<GitHubRelease> RunAsync(ReleaseVersion? previous, CancellationToken ct)
    {
        var draft = await FindOrCreateAsync(previous, ct);
        if (!draft.Draft)
            throw await OvertakenAsync(draft, ct);
        if (!await FillAsync(draft, ct))
            throw await OvertakenAsync(draft, ct);
        var tags = await host.VersionsAsync(_image, ct);
        if (!tags.IsSubsetOf(wanted.TakenVersions))
            throw await OvertakenAsync(draft, ct);
        var published = await PublishAsync(draft, ct) ?? throw await OvertakenAsync(draft, ct);
        host.Update(_image, line => line.With(new(wanted.Tag, published)));
        foreach (var obsolete in host.Line(_image).Obsolete(wanted.Tag.Version).ToList())
            await host.DiscardQuietlyAsync(obsolete, ct);
        return published;
    }

    /// <summary>The draft of these very contents, as it is now.</summary>
    private async Task<GitHubRelease> FindOrCreateAsync(ReleaseVersion? previous, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            if (Known() is { } known)
            {
                if (await api.FindReleaseAsync(known.Release.Id, ct) is { } found && ReleaseMarker.Find(found.Body)?.Contents == wanted.Marker.Contents)
                    return found;
                host.Update(_image, line => line.Without(known)); // it is gone, or somebody changed it: then it is not ours
            }
            try
            {
                return await CreateAsync(ct);
            }
            catch (LostAnswerException e) when (attempt < MaxRounds)
            {
                await api.PauseAsync(attempt, e.Message, ct);
                await host.RefreshAsync(ct);
                if (host.Line(_image).Newest?.Tag.Version != previous)
                    throw await OvertakenAsync(null, ct);
            }
        }
    }

    private LineEntry? Known() =>
        host.Line(_image).Drafts.FirstOrDefault(d => d.Tag == wanted.Tag && d.Marker!.Contents == wanted.Marker.Contents);

    private async Task<GitHubRelease> CreateAsync(CancellationToken ct)
    {
        host.Checkpoint("create draft");
        var draft = new NewRelease(wanted.Tag.ToString(), $"{_image} {wanted.Tag.Version}", wanted.Body, Draft: true);
        GitHubRelease created;
        try
        {
            created = await api.CreateDraftAsync(draft with { TargetCommitish = wanted.Commit }, ct);
        }
        catch (ReleaseRefusedException e) when (e.Diagnostic.Rule == GitHubRules.WorkflowTrap)
        {
            // A commit that was not pushed, or one that the token may not release: the tag then stands on the default branch.
            created = await api.CreateDraftAsync(draft, ct);
            settings.Reporter.Announce($"{wanted.Tag} is tagged on the default branch, because GitHub does not take commit {wanted.Commit![..10]}");
        }
        host.Update(_image, line => line with { Drafts = line.Drafts.Add(new(wanted.Tag, created)) });
        return created;
    }

    /// <summary>False: the draft is gone.</summary>
    private async Task<bool> FillAsync(GitHubRelease draft, CancellationToken ct)
    {
        var there = draft.Assets;
        for (var round = 1; round <= MaxRounds; round++)
        {
            var missing = await SortOutAsync(there, ct);
            string? trouble = null;
            foreach (var file in missing)
                trouble = await UploadAsync(draft, file, ct) ?? trouble;
            // Also when each answer was good: what is published is what a last look saw.
            if (await api.ListAssetsAsync(draft.Id, ct) is not { } now)
                return false;
            there = now;
            if (IsComplete(there))
                return true;
            await api.PauseAsync(round, trouble ?? "the draft does not hold what was sent", ct);
        }
        throw new HttpRequestException($"the draft {wanted.Tag} could not be filled in {MaxRounds} rounds; the next run goes on with it");
    }

    /// <summary>Deletes what must not be there, and gives what is missing: what somebody may be sending just now comes last.</summary>
    private async Task<List<AssetSource>> SortOutAsync(ImmutableArray<GitHubAsset> there, CancellationToken ct)
    {
        var present = new HashSet<string>(StringComparer.Ordinal);
        var begun = new HashSet<string>(StringComparer.Ordinal);
        foreach (var asset in there)
        {
            if (wanted.Files.Any(f => f.IsAlready(asset)) && present.Add(asset.Name))
                continue;
            begun.Add(asset.Name);
            host.Checkpoint("delete " + asset.Name);
            await api.DeleteAssetAsync(asset.Id, ct);
        }
        return [.. wanted.Files.Where(f => !present.Contains(f.Name)).OrderBy(f => begun.Contains(f.Name))];
    }

    /// <summary>Null when the answer says that it is there; otherwise what happened, and the next look tells.</summary>
    private async Task<string?> UploadAsync(GitHubRelease draft, AssetSource file, CancellationToken ct)
    {
        host.Checkpoint("upload " + file.Name);
        try
        {
            if (await api.UploadAsync(draft, file, ct) is not { } asset)
                return $"somebody else changes the draft {wanted.Tag}";
            if (asset.Name != file.Name)
                throw ReleaseRefusedException.Because(GitHubRules.Renamed, file.Name, asset.Name);
            return file.IsAlready(asset) ? null : $"{file.Name} arrived damaged";
        }
        catch (LostAnswerException e)
        {
            return e.Message;
        }
    }

    private bool IsComplete(ImmutableArray<GitHubAsset> there) =>
        there.Length == wanted.Files.Length && wanted.Files.All(f => there.Any(f.IsAlready));

    private async Task<GitHubRelease?> PublishAsync(GitHubRelease draft, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                host.Checkpoint("publish");
                return await api.PublishAsync(draft, ct);
            }
            catch (LostAnswerException e)
            {
                if (await api.FindReleaseAsync(draft.Id, ct) is not { } now)
                    return null;
                if (!now.Draft)
                    return now;
                if (attempt >= MaxRounds)
                    throw;
                await api.PauseAsync(attempt, e.Message, ct);
            }
        }
    }

    /// <summary>The release that was faster; our draft is of no use any more, unless that very draft was published.</summary>
    private async Task<Exception> OvertakenAsync(GitHubRelease? draft, CancellationToken ct)
    {
        await host.RefreshAsync(ct);
        var line = host.Line(_image);
        if (draft is not null && line.Drafts.FirstOrDefault(d => d.Release.Id == draft.Id) is { } ours && line.Newest?.Tag.Version >= wanted.Tag.Version)
            await host.DiscardQuietlyAsync(ours, ct);
        return line.Newest is { } newest && !wanted.TakenVersions.Contains(newest.Tag.Version)
            ? new OvertakenException(await host.Records.ReadAsync(api, newest, ct))
            : new HttpRequestException($"the draft {wanted.Tag} was deleted, or its tag taken, by somebody else; run again");
    }
}
