using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Reconciling;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline build --from</c>: one source for one board into one file.</summary>
internal static class BuildDirect
{
    public static async Task<ExitCode> ActAsync(Run run, DirectOptions options, string output, CancellationToken ct)
    {
        var path = Path.GetFullPath(output);
        Check(path, output);
        var board = ReadBoard(run.Value(run.Common.Boards)![0]);
        run.Tell(board.Diagnostics);
        var customization = DirectCustomization.Read(run.Value(options.Hostname), run.Value(options.KernelArguments) ?? []);
        run.Tell(customization.Diagnostics);
        if (!board.IsOk || !customization.IsOk)
            return ExitCode.Mend;
        var workspace = new Workspace(
            Directory.GetCurrentDirectory(), new PipelineConfig(), [], ImmutableSortedDictionary<string, BoardManifest>.Empty, []);
        await using var parts = Composition.ForFile(run, workspace, Path.GetDirectoryName(path)!);
        var source = new ImageSource(run.Value(options.From)!, workspace.RootPath, null);
        var outcome = await parts.DirectBuild().RunAsync(
            new(source, board.Value!, path, parts.ScratchPath)
            {
                Output = new(OutputKind.Disk, OutputSuffix.CompressionOf(path), run.Value(options.BlockMap), null),
                Customization = customization.Value!,
            },
            ct);
        run.Tell(outcome.Diagnostics);
        foreach (var file in outcome.Files)
            Show(run, file);
        return (ExitCode)(int)outcome.Status;
    }

    private static void Check(string path, string written)
    {
        if (Directory.Exists(path))
            throw new UsageException($"'{written}' is a directory; with --from, --output is the image's file");
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new UsageException($"the directory of '{written}' does not exist; make it first");
        if (File.Exists(path) && File.GetAttributes(path) is var kind && kind.HasFlag(FileAttributes.Device))
            throw new UsageException($"'{written}' is a device; build into a file and write that to the device");
    }

    /// <summary>A shipped board by its name; whatever has a slash or a suffix is a file.</summary>
    private static Result<BoardManifest> ReadBoard(string text)
    {
        if (ShippedBoards.Names.Contains(text, StringComparer.Ordinal))
            return ShippedBoards.Read(text);
        if (File.Exists(text))
            return WorkspaceReader.ReadBoard(text);
        throw new UsageException($"there is no board '{text}'; expected a file or one of {string.Join(", ", ShippedBoards.Names)}");
    }

    private static void Show(Run run, string file)
    {
        var size = new FileInfo(file).Length;
        run.Results.Write($"{file} ({new ByteSize(size)})", "file", json =>
        {
            json.WriteString("path", file);
            json.WriteNumber("bytes", size);
        });
    }
}
