using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Building;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Directories;
using Pipeline.Engine.Publishing.GitHub;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Engine.Publishing.Reading;
using Pipeline.Engine.Publishing.Registries;
using Pipeline.Engine.Publishing.Sboms;
using Pipeline.Engine.Reconciling;
using Pipeline.Engine.Reconciling.Shares;
using Pipeline.Engine.Resolving;
using Pipeline.Engine.Verifying;
using Pipeline.Oci.Registry;
using Pipeline.Oci.Sources;
using Pipeline.Web.Status;

namespace Pipeline.Cli;

/// <summary>All that a run shares, and every constructor call. There is no container: read it from top to bottom.</summary>
internal sealed class Composition : IAsyncDisposable
{
    private readonly Run _run;
    private readonly ScratchDirectory? _scratch;

    /// <param name="scratch">Where the run may build; null where it does not. This object disposes it.</param>
    private Composition(Run run, Workspace workspace, ScratchDirectory? scratch)
    {
        (_run, _scratch) = (run, scratch);
        Works = new WorkList(run.Teller, TimeProvider.System);
        Git = new GitRepository(workspace.HomePath) { Commit = workspace.Commit };
        Workspace = workspace = workspace with { Config = WithReleases(workspace.Config) };
        Sources = OpenSources(run, workspace.Config);
        Host = OpenHost();
        Resolver = new Resolver(new()
        {
            OpenSource = OpenSource,
            ManifestInputs = (image, board, output) => ManifestInputs.Of(image, board, output),
            EngineFormat = EngineFormat.Version,
            Git = Git,
            ListTags = ListTagsAsync,
            RunFacts = new RunIdentity(workspace.Config.Provenance, Git, Environment.GetEnvironmentVariable, TimeProvider.System).FactsAsync,
        });
        Builder = OpenBuilder(SourceDateEpoch());
    }

    /// <summary>Who is told, and knows what is under way.</summary>
    public WorkList Works { get; }

    /// <summary>Called in each round between looking and building; set before a reconciler is made.</summary>
    public Action<Workspace, ReconcilePlan> Planned { get; set; } = (_, _) => { };

    /// <summary>Called as each image of a round comes to its end; set before a reconciler is made.</summary>
    public Action<ImageOutcome> ImageEnded { get; set; } = _ => { };

    public Workspace Workspace { get; }

    public ImageSources Sources { get; }

    public GitRepository Git { get; }

    public IReleaseHost Host { get; }

    /// <summary>The same host, for those who download.</summary>
    public IReleaseReader Reader => (IReleaseReader)Host;

    /// <summary>Where releases are, absolute; null where that is no directory.</summary>
    public string? StorePath => Workspace.Config is { GitHub: null, ReleaseRegistry: null } config ? Path.GetFullPath(config.ReleaseDirectory, Workspace.HomePath) : null;

    /// <summary>Where releases are, in words.</summary>
    public string ReleasesPlace => Workspace.Config switch
    {
        { GitHub: { } store } => store.Repository is { } name ? $"{name} on GitHub" : "the repository on GitHub",
        { ReleaseRegistry: { } place } => place,
        _ => StorePath!,
    };

    public Resolver Resolver { get; }

    public IImageBuilder Builder { get; }

    /// <summary>On the repository's file system, so that finished files are linked into releases and not copied.</summary>
    public static Composition ForRepository(Run run, Workspace workspace) =>
        new(run, workspace, ScratchDirectory.Create(Path.Combine(workspace.HomePath, ".pipeline", "scratch"), ""));

    /// <summary>For what only looks.</summary>
    public static Composition ForLooking(Run run, Workspace workspace) => new(run, workspace, null);

    /// <summary>Without a repository; scratch files lie beside the output.</summary>
    /// <param name="outputDirectory">Absolute, exists.</param>
    public static Composition ForFile(Run run, Workspace workspace, string outputDirectory) =>
        new(run, workspace, ScratchDirectory.Create(outputDirectory, ".pipeline-scratch-"));

    public string ScratchPath => _scratch?.Path ?? throw new InvalidOperationException("this run only looks");

    /// <param name="backsOff">What failed waits before it is tried again.</param>
    public Reconciler Reconciler(TargetSelection selection, bool force, bool backsOff = false) =>
        new(Parts(Builder), Options(selection, force) with { BacksOff = backsOff });

    /// <param name="outputDirectory">Absolute; what was built there is not built again.</param>
    public Reconciler ReusingReconciler(TargetSelection selection, bool force, string outputDirectory) =>
        new(Parts(new ReusingBuilder(new BuiltImages(outputDirectory), Builder)), Options(selection, force));

    /// <param name="stage">Where <c>--share</c> brings its part; without it all is built there.</param>
    public LocalBuild LocalBuild(TargetSelection selection, bool force, IStage stage) => new(Parts(Builder), Options(selection, force), stage)
    {
        Shared = _run.Value(_run.Common.Share) is { } share ? new(share, stage) { Targets = [.. _run.Value(_run.Common.Targets) ?? []] } : null,
    };

    /// <param name="stages">What is in none of them is not built.</param>
    public Reconciler StagedReconciler(TargetSelection selection, bool force, IEnumerable<IStage> stages) => new(
        Parts(stages.Reverse().Aggregate((IImageBuilder)new StagedOnly(), (builder, stage) => new ReusingBuilder(stage, builder))),
        // A share that is lost says nothing about whether its targets can be built.
        Options(selection, force) with { Failures = null });

    /// <param name="place">A directory, or a place in a registry.</param>
    public IStage OpenStage(string place)
    {
        if (!StagePlace.IsMeant(place))
            return new StageDirectory(Path.GetFullPath(place));
        if (!StagePlace.TryParse(place, out var found, out var problem))
            throw new UsageException(problem);
        return new StageRegistry(() => Sources.OpenArtifacts(found.Repository) is { Value: { } repository } ? repository : throw new UsageException($"'{place}' is no place in a registry"), found, Works);
    }

    /// <summary>For a round of a watch: a branch may have moved since the last one.</summary>
    public Result<Workspace> Follow(Result<Workspace> read)
    {
        if (read.Value is { } workspace)
            Git.Commit = workspace.Commit;
        return read;
    }

    public Rebuilder Rebuilder() => new(new(Resolver, OpenBuilder, Works, ScratchPath) { UsualEpoch = SourceDateEpoch() });

    /// <summary>Of the commit that a release was made from, or of --ref.</summary>
    public RecordedManifests RecordedManifests() => new(
        new(_run.RepositoryPath, _run.Value(_run.Common.Ref)) { Offline = _run.Value(_run.Common.Offline) },
        new(new()
        {
            Scratch = () => Directory.CreateDirectory(Path.Combine(ScratchPath, "manifests")).FullName,
            Cache = new(_run.CachePath, TimeProvider.System),
            Registries = _ => Sources,
            Reporter = Works,
        }),
        Works);

    private ImageBuilder OpenBuilder(long? epoch) => new(new()
    {
        OpenSource = OpenSource,
        CacheDirectory = _run.CachePath,
        VerifyDiffIds = _run.Value(_run.Common.VerifyDiffIds),
        SourceDateEpoch = epoch,
    });

    public DirectBuild DirectBuild() => new(Resolver, Builder, Works);

    private ReconcilerParts Parts(IImageBuilder builder) => new(Resolver, builder, Host, OpenPublisher(), Works);

    private Publisher OpenPublisher() => new(Host, Git)
    {
        Notes = Workspace.Config.Notes,
        IsOnGitHub = Workspace.Config.GitHub is not null,
        Further = [new SbomDocuments(Workspace.Config.SbomForms)],
        Seal = ReleaseSeal.With(new SigningConnection(Workspace.Config.Signing, Environment.GetEnvironmentVariable).FindAsync),
    };

    private ReconcileOptions Options(TargetSelection selection, bool force) => new()
    {
        // Nothing is built where there is no scratch directory: those runs only look.
        ScratchDirectory = _scratch?.Path ?? Path.Combine(Workspace.HomePath, ".pipeline"),
        Selection = selection,
        Force = force,
        Planned = (workspace, plan) => Planned(workspace, plan),
        ImageBegun = Works.BeginImage,
        ImageEnded = outcome =>
        {
            ImageEnded(outcome);
            Works.EndImage(outcome.Image);
        },
        Limits = _run.Value(_run.Common.Parallel) is { } count ? new(count) : BuildLimits.OfThisMachine(),
        Failures = new(Path.Combine(_run.CachePath, "failures"), TimeProvider.System),
    };

    public async ValueTask DisposeAsync()
    {
        (Host as IDisposable)?.Dispose();
        await Sources.DisposeAsync();
        _scratch?.Dispose();
    }

    internal static ImageSources OpenSources(Run run, PipelineConfig config) => new(new()
    {
        CacheDirectory = run.CachePath,
        CacheLimitBytes = config.CacheLimitBytes,
        SharedCache = SharedCache(config),
        Registries = config.Registries.ToImmutableDictionary(
            r => r.Key, r => new RegistryAccess(r.Value.Mirrors, r.Value.PlainHttp ? true : null, r.Value.CertificateAuthorityFile), StringComparer.Ordinal),
        Offline = run.Value(run.Common.Offline),
        Reporter = run.Teller,
    });

    /// <summary>The environment's, else the configuration's: machines of one repository may lie in different networks.</summary>
    private static string? SharedCache(PipelineConfig config)
    {
        const string name = "PIPELINE_CACHE_REGISTRY";
        return Environment.GetEnvironmentVariable(name) switch
        {
            null or "" => config.CacheRegistry,
            "none" => null,
            var place when RegistryPlace.Problem(place) is { } problem => throw new UsageException($"{name} is '{place}': {problem}"),
            var place => place,
        };
    }

    private IReleaseHost OpenHost()
    {
        var config = Workspace.Config;
        if (GitHubSettings() is { } settings)
            return new GitHubReleases(settings);
        if (config.ReleaseRegistry is { } place)
            return new RegistryReleases(Sources.OpenArtifacts, place, Path.Combine(_run.CachePath, "artifacts"), Works);
        return new DirectoryReleases(Path.GetFullPath(config.ReleaseDirectory, Workspace.HomePath), TimeProvider.System);
    }

    /// <summary>The place of releases that the command line names, with the names of this repository filled in.</summary>
    private PipelineConfig WithReleases(PipelineConfig config)
    {
        try
        {
            config = ReleasePlace.Override(config, _run.Value(_run.Common.Releases));
        }
        catch (FormatException e)
        {
            throw new UsageException($"--releases is '{_run.Value(_run.Common.Releases)}': {e.Message}");
        }
        if (config.ReleaseRegistry is not { } place || !ReleasePlace.HasPlaceholders(place))
            return config;
        var connection = new GitHubConnection(new(null, null, LargeFilePolicy.Split), Git, Environment.GetEnvironmentVariable);
        // One question to git before anything else begins; nobody could use the time.
        var (owner, repository) = connection.FindNameAsync(CancellationToken.None).GetAwaiter().GetResult()
            ?? throw new UsageException($"'{place}' names the owner or the repository on GitHub, and none is known; set GITHUB_REPOSITORY, or give git a remote 'origin' that is one");
        return config with { ReleaseRegistry = ReleasePlace.Fill(place, owner, repository) };
    }

    /// <summary>Null where releases are not on GitHub.</summary>
    public GitHubSettings? GitHubSettings() => Workspace.Config.GitHub is not { } store ? null : new()
    {
        FindPlace = new GitHubConnection(store, Git, Environment.GetEnvironmentVariable).FindAsync,
        CacheDirectory = Path.Combine(_run.CachePath, "github"),
        Reporter = Works,
        Large = store.Large,
    };

    private async Task<ImmutableArray<string>> ListTagsAsync(string name, CancellationToken ct)
    {
        if (_run.Value(_run.Common.Offline))
            throw new IOException("the tags are asked of the registry, and this run is --offline");
        var repository = Sources.OpenArtifacts(name);
        return repository.IsOk ? await repository.Value!.TagsAsync(ct) : throw new IOException(repository.Diagnostics[0].Message);
    }

    private Result<IImageSource> OpenSource(ImageSource source) => Sources.Open(source.Text, source.BaseDirectoryPath, source.Span);

    private static long? SourceDateEpoch()
    {
        const string name = "SOURCE_DATE_EPOCH";
        if (Environment.GetEnvironmentVariable(name) is not { Length: > 0 } text)
            return null;
        return long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
            ? seconds
            : throw new UsageException($"{name} is '{text}', expected seconds since 1970");
    }
}
