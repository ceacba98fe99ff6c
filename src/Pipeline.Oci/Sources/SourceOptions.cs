using System.Collections.Immutable;
using Pipeline.Core.Reporting;
using Pipeline.Oci.Registry;

namespace Pipeline.Oci.Sources;

/// <summary>What all sources of a run share.</summary>
public sealed record SourceOptions
{
    /// <summary>Where blobs are kept; made when first needed.</summary>
    public required string CacheDirectory { get; init; }

    /// <summary>By <c>host[:port]</c> or <c>host[:port]/path</c>; the longest key that fits wins.</summary>
    public IReadOnlyDictionary<string, RegistryAccess> Registries { get; init; } = ImmutableDictionary<string, RegistryAccess>.Empty;

    /// <summary>Nothing but the cache answers for registries.</summary>
    public bool Offline { get; init; }

    /// <summary>Read in place of all usual auth files; null is REGISTRY_AUTH_FILE or the usual ones.</summary>
    public string? AuthFile { get; init; }

    public IReporter Reporter { get; init; } = SilentReporter.Instance;

    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>0 is no limit.</summary>
    public long CacheLimitBytes { get; init; }

    /// <summary><c>HOST[:PORT]/PATH</c>, a repository that machines share what they downloaded through; null is none.</summary>
    public string? SharedCache { get; init; }

    /// <summary>How long the shared cache may keep still before the run goes on without it.</summary>
    public TimeSpan SharedCachePatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Environment variables, so that tests need not change the process; null is the real ones.</summary>
    public Func<string, string?>? Environment { get; init; }
}
