using System.Collections.Concurrent;
using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Policies;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Resolving;

/// <summary>Puts the tag into the sources of images that follow one: each repository is asked for its tags once.</summary>
internal sealed class FollowedTags(ResolverSettings settings, Workspace workspace)
{
    /// <summary>Of an image with a minimum age, how many tags are looked at until one is old enough.</summary>
    private const int CandidateLimit = 8;

    /// <summary>In a message.</summary>
    private const int ShownTags = 10;

    private readonly ConcurrentDictionary<string, Lazy<Task<(ImmutableArray<string> Tags, TargetProblem? Problem)>>> _tags = new(StringComparer.Ordinal);

    /// <summary>The images with their sources, and what keeps some from having one, by name.</summary>
    public async Task<(List<ImageManifest> Images, IReadOnlyDictionary<string, TargetProblem> Problems)> ChooseAsync(
        List<ImageManifest> images, CancellationToken ct)
    {
        var problems = new ConcurrentDictionary<string, TargetProblem>(StringComparer.Ordinal);
        var chosen = images.ToArray();
        var options = new ParallelOptions { MaxDegreeOfParallelism = settings.ConcurrentLooks, CancellationToken = ct };
        var following = images.Index().Where(i => i.Item is { Follow: not null, IsSuspended: false });
        await Parallel.ForEachAsync(following, options, async (entry, token) =>
        {
            var (tag, problem) = await ChooseAsync(entry.Item, token);
            if (problem is not null)
                problems[entry.Item.Name] = problem;
            else
                chosen[entry.Index] = WithTag(entry.Item, tag!);
        });
        return ([.. chosen], problems);
    }

    private static ImageManifest WithTag(ImageManifest image, string tag) => image with { Source = image.Source with { Text = $"{image.Source.Text}:{tag}" } };

    private async Task<(string? Tag, TargetProblem? Problem)> ChooseAsync(ImageManifest image, CancellationToken ct)
    {
        var policy = image.Follow!;
        // A tag of its own needs no list, and registries without one can be followed that way.
        if (policy.Kind == FollowKind.Tag)
            return (policy.Text, null);
        var asked = _tags.GetOrAdd(image.Source.Text, name => new(() => ListAsync(name, ct)));
        var (tags, problem) = await asked.Value;
        if (problem is not null)
            return (null, problem with { Diagnostics = [.. problem.Diagnostics.Select(d => d with { Span = image.Source.Span ?? image.Span })] });
        var order = TagChoice.Order(policy, tags);
        return order.IsEmpty
            ? (null, new(false, [Diagnostic.Create(ResolvingRules.NoTag, policy.Span, policy.Text, image.Source.Text, Some(tags))]))
            : (await OldEnoughAsync(image, order, ct), null);
    }

    /// <summary><c>1, 1.2.0 and 40 more</c></summary>
    private static string Some(ImmutableArray<string> tags)
    {
        var shown = Message.Quote(string.Join(", ", tags.Order(StringComparer.Ordinal).Take(ShownTags)));
        return tags.IsEmpty ? "none" : tags.Length <= ShownTags ? shown : $"{shown} and {tags.Length - ShownTags} more";
    }

    private async Task<(ImmutableArray<string> Tags, TargetProblem? Problem)> ListAsync(string name, CancellationToken ct)
    {
        try
        {
            return (await settings.ListTags(name, ct), null);
        }
        catch (Oci.Registry.RegistryRefusedException e)
        {
            return ([], new(false, [e.Diagnostic]));
        }
        catch (Exception e) when (Outside.IsToBlame(e, ct))
        {
            return ([], new(true, [Diagnostic.Create(ResolvingRules.Unreachable, null, name, Outside.Describe(e))]));
        }
    }

    /// <summary>The first tag that is old enough; where none is, the first, which planning then holds back.</summary>
    private async Task<string> OldEnoughAsync(ImageManifest image, ImmutableArray<string> order, CancellationToken ct)
    {
        if (image.MinimumAge is not { } age || order.Length == 1)
            return order[0];
        var platform = image.Boards.Select(b => workspace.Boards.GetValueOrDefault(b.Value)?.Platform ?? CarriedName.PlatformOf(b.Value, null, out _)).FirstOrDefault();
        foreach (var tag in order.Take(CandidateLimit))
        {
            var wanted = new WantedPlatforms(platform is null ? [] : [platform], platform is null);
            var look = (await SourceLook.TakeAsync(WithTag(image, tag).Source with { Span = null }, wanted, settings.OpenSource, ct)).For(platform);
            if (look.Resolved is ResolvedImage { Image.Created: var created } && !(created > settings.Time.GetUtcNow() - age))
                return tag;
        }
        return order[0];
    }
}
