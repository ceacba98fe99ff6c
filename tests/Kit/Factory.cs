using Pipeline.Engine.Building;
using Pipeline.Engine.Git;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Publishing;
using Pipeline.Engine.Publishing.Directories;
using Pipeline.Engine.Publishing.Proof;
using Pipeline.Engine.Reconciling;
using Pipeline.Engine.Resolving;

namespace Pipeline.Kit;

/// <summary>A whole factory over a temporary store: fake registries and a fake builder, everything between them real.</summary>
public sealed class Factory : IDisposable
{
    public TempDir Temp { get; } = new();

    public FakeImageSources Sources { get; } = new();

    public FakeBuilder Builder { get; } = new();

    public RecordingReporter Reporter { get; } = new();

    public ManualClock Clock { get; } = new(new(2026, 11, 21, 23, 30, 0, TimeSpan.Zero));

    public GitRepository? Git { get; set; }

    /// <summary>What the manifests decide, besides what the sources are: changed by tests.</summary>
    public Func<ImageManifest, BoardManifest, IReadOnlyDictionary<string, string>> ManifestInputs { get; set; } =
        (_, board) => new Dictionary<string, string> { ["board.platform"] = board.Platform.ToString() };

    public Action<string> Checkpoint { get; set; } = _ => { };

    /// <summary>As in a watch.</summary>
    public bool BacksOff { get; set; }

    public string Store => Temp["releases"];

    public string ShelfOf(string image) => Path.Combine(Store, image);

    /// <summary>Used instead of the directory where it is set.</summary>
    public IReleaseHost? OtherHost { get; set; }

    public ReleaseSeal Seal { get; set; } = ReleaseSeal.Plain;

    public DirectoryReleases Host() => new(Store, Clock) { Checkpoint = name => Checkpoint(name) };

    public Resolver Resolver() => new(new()
    {
        OpenSource = Sources.Open,
        ManifestInputs = (image, board, _) => ManifestInputs(image, board),
        EngineFormat = EngineFormat.Version,
        Git = Git,
        Time = Clock,
        ListTags = (name, _) => Sources.TagsAsync(name),
    });

    public Reconciler Reconciler(bool force = false, int parallel = 2, TargetSelection? selection = null, string scratch = "scratch")
    {
        var host = OtherHost ?? Host();
        return new(
            new(Resolver(), Builder, host, new(host, Git) { Seal = Seal }, Reporter),
            new()
            {
                ScratchDirectory = Temp[scratch],
                Force = force,
                Limits = new(parallel),
                Selection = selection ?? TargetSelection.All,
                Failures = new(Temp["failures"], Clock),
                BacksOff = BacksOff,
                Clock = Clock,
            });
    }

    public void Dispose() => Temp.Dispose();
}
