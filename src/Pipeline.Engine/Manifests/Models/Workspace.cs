using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Notes;

namespace Pipeline.Engine.Manifests.Models;

/// <summary>A repository of manifests as read: every image and board that has no mistake of its own.</summary>
/// <param name="RootPath">Absolute path of the manifests as they were read.</param>
/// <param name="InvalidImages">Images that have mistakes (their diagnostics were reported); they are planned as invalid.</param>
public sealed record Workspace(
    string RootPath,
    PipelineConfig Config,
    ImmutableArray<ImageManifest> Images,
    ImmutableSortedDictionary<string, BoardManifest> Boards,
    ImmutableArray<string> InvalidImages)
{
    /// <summary>Where the repository lives, absolute: releases and scratch files belong there. Another directory than <see cref="RootPath"/> where a commit was read.</summary>
    public string HomePath { get; init; } = RootPath;

    /// <summary>The whole name of the commit that was read; null for the files as they lie there.</summary>
    public string? Commit { get; init; }

    /// <summary>The places elsewhere whose manifests took part, as <c>pipeline.lock</c> names them.</summary>
    public ImmutableArray<string> Remotes { get; init; } = [];

    /// <summary>False where <c>pipeline.yaml</c> has mistakes: then <see cref="Config"/> is not what its author meant, and every image is invalid.</summary>
    public bool HasSoundConfig { get; init; } = true;

    /// <summary>Whether a board can be built for: there is a sound file of it, or its layout comes with the container.</summary>
    public bool HasBoard(string name) => Boards.ContainsKey(name) || CarriedName.Is(name);
}

/// <summary><c>pipeline.yaml</c>: where things come from and where they go.</summary>
public sealed record PipelineConfig
{
    /// <summary>Directory of the release store, relative to the repository.</summary>
    public string ReleaseDirectory { get; init; } = "releases";

    /// <summary>Set where releases are GitHub's; then neither a directory nor a registry is used.</summary>
    public GitHubStore? GitHub { get; init; }

    /// <summary>Set where releases are artifacts in a registry: <c>HOST/PATH</c>, which gets a repository for each image.</summary>
    public string? ReleaseRegistry { get; init; }

    public NotesConfig Notes { get; init; } = new(null, []);

    /// <summary>The lists of contents that a release has, each form once.</summary>
    public ImmutableArray<SbomForm> SbomForms { get; init; } = [SbomForm.Spdx, SbomForm.CycloneDx];

    /// <summary>How releases are signed; null signs nothing.</summary>
    public SigningConfig? Signing { get; init; }

    public ProvenanceConfig Provenance { get; init; } = new(null, false);

    /// <summary>How many releases of an image are kept; null keeps all.</summary>
    public int? KeepReleases { get; init; }

    /// <summary>Registry host (with optional path prefix) to how it is reached.</summary>
    public ImmutableSortedDictionary<string, RegistryConfig> Registries { get; init; } =
        ImmutableSortedDictionary.Create<string, RegistryConfig>(StringComparer.Ordinal);

    /// <summary>Upper bound of the cache of blobs, in bytes.</summary>
    public long CacheLimitBytes { get; init; } = 20L << 30;

    /// <summary><c>HOST[:PORT]/PATH</c> where machines share what they downloaded; null where each asks the registries itself.</summary>
    public string? CacheRegistry { get; init; }
}

/// <param name="Repository">OWNER/NAME; null is the repository that git's remote <c>origin</c> is.</param>
/// <param name="Api">Root of the REST API; null is that of the remote's host, or of github.com.</param>
public sealed record GitHubStore(string? Repository, Uri? Api, LargeFilePolicy Large);

/// <param name="Template">Null takes the text that comes with the program.</param>
/// <param name="Highlights">Names of packages that are shown first besides kernels, bootloaders and firmware; <c>*</c> stands for any characters.</param>
public sealed record NotesConfig(NotesTemplate? Template, ImmutableArray<string> Highlights);

/// <summary>Forms of a software bill of materials.</summary>
public enum SbomForm
{
    Spdx,
    CycloneDx,
}

/// <param name="KeyPath">Absolute; a file with the private key, where the environment names none. It need not be on every machine.</param>
/// <param name="PublicKeyPath">Absolute; the public key that signatures must have.</param>
public sealed record SigningConfig(string? KeyPath, string? PublicKeyPath, SourceSpan Span);

/// <param name="Builder">A URI of who builds; null takes it from the environment.</param>
/// <param name="NamesRun">Also the run and its time are recorded, which makes every release differ.</param>
public sealed record ProvenanceConfig(string? Builder, bool NamesRun);

/// <summary>What becomes of a file that is too large for the place of releases.</summary>
public enum LargeFilePolicy
{
    /// <summary>Parts, a list of them with checksums, and a command that joins them.</summary>
    Split,

    /// <summary>zstd -19; parts where that is not enough.</summary>
    Recompress,

    /// <summary>An error before anything is sent.</summary>
    Refuse,
}

/// <param name="Mirrors">Tried in order before the registry itself for blobs and manifests by digest; tags are asked of the registry.</param>
/// <param name="PlainHttp">Allow http; loopback addresses need no permission.</param>
public sealed record RegistryConfig(ImmutableArray<string> Mirrors, bool PlainHttp, string? CertificateAuthorityFile);
