using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Cli;

/// <summary>
/// The <c>pipeline.yaml</c> that a watch was composed from. The place of releases, registries and keys are opened once; whoever changes
/// them must hear that the change waits.
/// </summary>
internal sealed class SettledConfig(Workspace first)
{
    private const string FileName = "pipeline.yaml";
    private readonly Digest? _first = Read(first.RootPath);

    /// <summary>The same manifests, with a warning where the file is another one now.</summary>
    public Result<Workspace> Compare(Result<Workspace> read) =>
        read.Value is { HasSoundConfig: true } now && Read(now.RootPath) != _first
            ? new(now, [.. read.Diagnostics, Diagnostic.Create(CliRules.ConfigMoved, new SourceSpan(FileName, 1, 1))])
            : read;

    private static Digest? Read(string rootPath)
    {
        var path = Path.Combine(rootPath, FileName);
        return File.Exists(path) ? Digest.Sha256(File.ReadAllBytes(path)) : null;
    }
}
