using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Engine.Git;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Sources;

namespace Pipeline.Engine.Resolving;

/// <summary>Composes what decides a target, and what is recorded beside it.</summary>
public static class TargetInputs
{
    /// <summary>The labels that release notes show; others of the same family are long or name people.</summary>
    private static readonly ImmutableArray<string> ShownLabels =
    [
        "org.opencontainers.image.version",
        "org.opencontainers.image.revision",
        "org.opencontainers.image.created",
    ];

    private const int LabelLimitCharacters = 256;

    /// <param name="sourceName">The source's logical name: no mirror, no credentials.</param>
    /// <param name="manifestInputs">Of the image, the board and the output. Names that begin with <c>source.</c> or <c>engine.</c> are this method's.</param>
    public static BuildInputs Compose(
        ResolvedSource resolved, string sourceName, IReadOnlyDictionary<string, string> manifestInputs, InputFacts facts)
    {
        var deciding = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        deciding.AddRange(manifestInputs);
        deciding[InputNames.SourceManifest] = resolved.Identity.Text;
        deciding[InputNames.EngineFormat] = facts.EngineFormat;
        var observed = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        observed.AddRange(facts.OfTheRun);
        observed[InputNames.SourceReference] = sourceName;
        if (facts.Head is { } head)
            observed[InputNames.GitCommit] = head.IsDirty ? head.Commit + "+dirty" : head.Commit;
        if (resolved is ResolvedImage { Image: var image })
            Observe(observed, image);
        else
            deciding[InputNames.SourcePlatform] = facts.Platform;
        return new(deciding.ToImmutable(), observed.ToImmutable());
    }

    private static void Observe(ImmutableSortedDictionary<string, string>.Builder observed, PlatformImage image)
    {
        observed[InputNames.SourceIndex] = image.LookDigest.Text;
        observed[InputNames.SourceConfig] = image.ConfigDigest.Text;
        if (image.Created is { } created)
            observed[InputNames.SourceCreated] = created.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        foreach (var label in ShownLabels)
        {
            if (image.Labels.TryGetValue(label, out var value))
                observed[InputNames.SourceLabelPrefix + label] = value.Length <= LabelLimitCharacters ? value : value[..LabelLimitCharacters];
        }
    }
}

/// <summary>What is the same for many targets.</summary>
/// <param name="Platform">In the words of the image index: <c>linux/arm64</c>.</param>
/// <param name="Head">Null outside of git.</param>
public sealed record InputFacts(string EngineFormat, string Platform, GitHead? Head)
{
    /// <summary>Observed: who builds, where, with which clock.</summary>
    public ImmutableSortedDictionary<string, string> OfTheRun { get; init; } = ImmutableSortedDictionary<string, string>.Empty;
}
