namespace Pipeline.Engine.Planning;

/// <summary>The names of inputs that more than one room must know. They stand in every <c>inputs.json</c>: never rename one.</summary>
public static class InputNames
{
    /// <summary>Deciding: digest of the platform's manifest, or for a script the digest over its folder.</summary>
    public const string SourceManifest = "source.manifest";

    /// <summary>Deciding, for scripts only: the platform that they are asked for.</summary>
    public const string SourcePlatform = "source.platform";

    /// <summary>Deciding: the version of what the engine makes of its inputs.</summary>
    public const string EngineFormat = "engine.format";

    /// <summary>Deciding: digest of the manifest of the image that a blob of the board comes from.</summary>
    public static string BlobImage(int blob) => $"board.blobs[{blob}].image";

    /// <summary>Observed: the logical name of that image.</summary>
    public static string BlobReference(int blob) => $"board.blobs[{blob}].reference";

    /// <summary>Deciding: digest of the manifest of the image that a live system carries.</summary>
    public const string PayloadImage = "live.payload.image";

    /// <summary>Observed: the logical name of that image.</summary>
    public const string PayloadReference = "live.payload.reference";

    /// <summary>Deciding: digest of the manifest of one image of a LinuxKit source.</summary>
    /// <param name="place"><c>kernel</c>, <c>services[nginx]</c>.</param>
    public static string LinuxKitImage(string place) => $"linuxkit.{place}";

    /// <summary>Observed: the logical name of that image.</summary>
    public static string LinuxKitReference(string place) => $"linuxkit.{place}.reference";

    /// <summary>Observed: the source's logical name.</summary>
    public const string SourceReference = "source.reference";

    /// <summary>Observed: what the reference names, before a platform was chosen.</summary>
    public const string SourceIndex = "source.index";

    /// <summary>Observed: digest of the image configuration.</summary>
    public const string SourceConfig = "source.config";

    /// <summary>Observed: the creation time that the configuration states.</summary>
    public const string SourceCreated = "source.created";

    /// <summary>Observed: before the name of a label <c>org.opencontainers.image.*</c> of the source.</summary>
    public const string SourceLabelPrefix = "source.label.";

    /// <summary>Observed: the repository's commit, with <c>+dirty</c> behind it where the files differed.</summary>
    public const string GitCommit = "git.commit";

    /// <summary>Observed: where the repository can be cloned from, without a user and a password.</summary>
    public const string GitRepository = "git.repository";

    /// <summary>Observed: SOURCE_DATE_EPOCH, or <see cref="SourceEpoch"/>.</summary>
    public const string BuildEpoch = "build.epoch";

    /// <summary>A value of <see cref="BuildEpoch"/>: the clock was that of the source.</summary>
    public const string SourceEpoch = "of the source";

    /// <summary>Observed: a URI of who built, where it is known.</summary>
    public const string Builder = "build.builder";

    /// <summary>Observed, where it was asked for: the address of the run.</summary>
    public const string BuildRun = "build.run";

    /// <summary>Observed, where it was asked for: when the run looked at the sources, in UTC.</summary>
    public const string BuildStarted = "build.started";
}
