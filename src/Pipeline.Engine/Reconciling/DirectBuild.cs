using System.Collections.Immutable;
using System.Formats.Tar;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Reporting;
using Pipeline.Engine.Building;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Planning;
using Pipeline.Engine.Publishing.Directories;
using Pipeline.Engine.Resolving;

namespace Pipeline.Engine.Reconciling;

/// <summary>One image of one source for one board, without a repository.</summary>
/// <param name="Source">Relative paths of its text count from its base directory.</param>
/// <param name="Board">Null is the layout that the container carries.</param>
/// <param name="OutputPath">Absolute. Its directory exists; a file there is replaced, at the very end and whole.</param>
/// <param name="ScratchDirectory">Absolute, exists, on the output's file system; this call's own, and the caller's to delete.</param>
public sealed record DirectRequest(ImageSource Source, BoardManifest? Board, string OutputPath, string ScratchDirectory)
{
    /// <summary>Which of the container's platforms, where there is no board: one of <see cref="CarriedName"/>.</summary>
    public string CarriedBoard { get; init; } = CarriedName.Plain;

    /// <summary>A file with the partitions that take the place of the board's and the container's; null for none.</summary>
    public string? LayoutPath { get; init; }

    /// <summary>The output's path becomes a directory: of what is many files, or one tar of them.</summary>
    public bool IntoDirectory { get; init; }

    public Output Output { get; init; } = new(OutputKind.Disk, OutputCompression.None, false, null);

    public Customization Customization { get; init; } = new();
}

/// <param name="Files">Absolute paths: the image first, then its sidecars. Empty unless <paramref name="Status"/> is done.</param>
public sealed record DirectOutcome(ReconcileStatus Status, ImmutableArray<string> Files, ImmutableArray<Diagnostic> Diagnostics);

/// <summary>Builds what a command line names, by way of a manifest that nobody wrote: the same rooms as a repository's images.</summary>
public sealed class DirectBuild(Resolver resolver, IImageBuilder builder, IReporter reporter)
{
    /// <summary>Decides nothing in the image: neither the output's path nor the time is its name.</summary>
    private const string Name = "image";

    /// <summary>A manifest must have a place; a command line has none, so it is taken away again.</summary>
    private static readonly SourceSpan CommandLine = new("(command line)", 1, 1);

    /// <exception cref="IOException">The outside failed; nothing was left at the output's path that was not there before.</exception>
    /// <exception cref="HttpRequestException">The registry cannot be reached.</exception>
    public async Task<DirectOutcome> RunAsync(DirectRequest request, CancellationToken ct)
    {
        var workspace = WorkspaceOf(request);
        if (!workspace.IsOk)
            return new(ReconcileStatus.InvalidInput, [], Placeless(workspace.Diagnostics));
        var targets = await resolver.ResolveAsync(workspace.Value!, TargetSelection.All, ct);
        var target = targets.Single();
        if (target.Problem is { } problem)
            return new(problem.IsUnreachable ? ReconcileStatus.TryAgain : ReconcileStatus.InvalidInput, [], Placeless(problem.Diagnostics));
        var results = await builder.BuildAsync([target], new(request.ScratchDirectory, reporter) { HashOutputs = false }, ct);
        var built = results.Single();
        var said = Placeless([.. workspace.Diagnostics, .. target.Warnings, .. built.Diagnostics]);
        return built is { IsOk: true, Value: { } artifact }
            ? new(ReconcileStatus.Done, Deliver(artifact, request), said)
            : new(ReconcileStatus.InvalidInput, [], said);
    }

    private static ImmutableArray<Diagnostic> Placeless(ImmutableArray<Diagnostic> diagnostics) =>
        [.. diagnostics.Select(d => ReferenceEquals(d.Span, CommandLine) ? d with { Span = null } : d)];

    private static Result<Workspace> WorkspaceOf(DirectRequest request)
    {
        var source = request.Source with { Span = request.Source.Span ?? CommandLine };
        var linuxKit = LinuxKitReader.Is(source) ? LinuxKitReader.Read(source, source.BaseDirectoryPath) : new(null, []);
        if (linuxKit.Diagnostics.Any(d => d.Rule.Severity == Severity.Error))
            return Result<Workspace>.Failed(linuxKit.Diagnostics);
        var image = new ImageManifest
        {
            Name = Name,
            DirectoryPath = request.Source.BaseDirectoryPath,
            Span = CommandLine,
            Description = "",
            Source = request.Source,
            LinuxKit = linuxKit.Value,
            Boards = [new(request.Board?.Name ?? request.CarriedBoard, null)],
            Layout = request.LayoutPath is { } path ? new(path, CommandLine) : null,
            Outputs = [request.Output],
            Customization = request.Customization,
            Labels = ImmutableSortedDictionary<string, string>.Empty,
            IsSuspended = false,
            Folders = [],
        };
        var boards = ImmutableSortedDictionary.Create<string, BoardManifest>(StringComparer.Ordinal);
        if (request.Board is { } board)
            boards = boards.Add(board.Name, board);
        return new(new(request.Source.BaseDirectoryPath, new PipelineConfig(), [image], boards, []), linuxKit.Diagnostics);
    }

    /// <summary>Sidecars first: who sees the new image finds what belongs to it.</summary>
    private static ImmutableArray<string> Deliver(Artifact artifact, DirectRequest request)
    {
        var outputPath = request.OutputPath;
        if (request.IntoDirectory)
        {
            PosixFiles.Rename(Folder(artifact, request.ScratchDirectory), outputPath);
            return [outputPath];
        }
        ImmutableArray<(string From, string To)> moves =
        [
            .. artifact.Files.Select((file, i) => (file.Path, i == 0 ? outputPath : SidecarPath(outputPath, file.Name))),
        ];
        foreach (var (from, to) in moves.Reverse())
            File.Move(from, to, overwrite: true);
        return [.. moves.Select(m => m.To)];
    }

    /// <summary>All files of an artifact in one directory, which appears whole.</summary>
    private static string Folder(Artifact artifact, string scratch)
    {
        var kind = artifact.Target.Output.Kind;
        if (kind == OutputKind.Directory)
            return artifact.Files[0].Path;
        var folder = Directory.CreateDirectory(Path.Combine(scratch, "folder")).FullName;
        if (kind == OutputKind.Esp)
            TarFile.ExtractToDirectory(artifact.Files[0].Path, folder, overwriteFiles: false);
        foreach (var file in artifact.Files.Where(_ => kind != OutputKind.Esp))
            File.Move(file.Path, Path.Combine(folder, file.Name));
        return folder;
    }

    /// <summary><c>disk.img.zst</c> and <c>….img.bmap</c> make <c>disk.img.bmap</c>.</summary>
    private static string SidecarPath(string outputPath, string sidecar)
    {
        var plain = OutputSuffix.CompressionOf(outputPath) == OutputCompression.None ? outputPath : outputPath[..outputPath.LastIndexOf('.')];
        return plain + Path.GetExtension(sidecar);
    }
}

/// <summary>What the end of a file's name says about how it is packed.</summary>
public static class OutputSuffix
{
    public static OutputCompression CompressionOf(string path) => Path.GetExtension(path) switch
    {
        ".zst" => OutputCompression.Zstandard,
        ".xz" => OutputCompression.Xz,
        ".gz" => OutputCompression.Gzip,
        _ => OutputCompression.None,
    };
}
