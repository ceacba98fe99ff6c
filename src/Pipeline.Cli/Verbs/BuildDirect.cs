using System.Collections.Immutable;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Carried;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Reconciling;
using Pipeline.Oci.Platforms;

namespace Pipeline.Cli.Verbs;

/// <summary><c>pipeline build --from</c>: one source for one board into one file, or its files into a directory.</summary>
internal static class BuildDirect
{
    public static async Task<ExitCode> ActAsync(Run run, DirectOptions options, string output, CancellationToken ct)
    {
        var path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(output));
        var kind = KindOf(run.Value(options.As));
        var isDirectory = kind is OutputKind.Directory or OutputKind.Netboot || (kind == OutputKind.Esp && !IsTar(path));
        Check(path, output, isDirectory);
        var named = run.Value(run.Common.Boards)!.SingleOrDefault() ?? CarriedBoard(run.Value(options.Platform));
        var board = CarriedName.Is(named) ? CheckName(named) : ReadBoard(named);
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
            new(source, board.Value, path, parts.ScratchPath)
            {
                CarriedBoard = named,
                LayoutPath = LayoutPath(run.Value(options.Layout)),
                Output = new(kind, isDirectory ? OutputCompression.None : OutputSuffix.CompressionOf(path), run.Value(options.BlockMap), null),
                Customization = customization.Value!,
                IntoDirectory = isDirectory,
            },
            ct);
        run.Tell(outcome.Diagnostics);
        foreach (var file in outcome.Files)
            Show(run, file);
        return (ExitCode)(int)outcome.Status;
    }

    private static OutputKind KindOf(string? text) => text switch
    {
        DirectOptions.AsDirectory => OutputKind.Directory,
        "live" => OutputKind.Live,
        "esp" => OutputKind.Esp,
        "iso" => OutputKind.Iso,
        "netboot" => OutputKind.Netboot,
        _ => OutputKind.Disk,
    };

    private static bool IsTar(string path) => (OutputSuffix.CompressionOf(path) == OutputCompression.None ? path : path[..path.LastIndexOf('.')]).EndsWith(".tar", StringComparison.Ordinal);

    private static void Check(string path, string written, bool isDirectory)
    {
        if (!Directory.Exists(Path.GetDirectoryName(path)))
            throw new UsageException($"the directory of '{written}' does not exist; make it first");
        if (isDirectory)
        {
            if (File.Exists(path) || (Directory.Exists(path) && Directory.EnumerateFileSystemEntries(path).Any()))
                throw new UsageException($"'{written}' is there already; what --as makes here goes into a new or empty directory");
            return;
        }
        if (Directory.Exists(path))
            throw new UsageException($"'{written}' is a directory; with --from, --output is the image's file (or add --as directory)");
        if (File.Exists(path) && File.GetAttributes(path) is var kind && kind.HasFlag(FileAttributes.Device))
            throw new UsageException($"'{written}' is a device; build into a file and write that to the device");
    }

    private static string? LayoutPath(string? written) => written is null || File.Exists(written)
        ? written is null ? null : Path.GetFullPath(written)
        : throw new UsageException($"there is no file '{written}'; --layout is a file with the JSON of a layout label");

    /// <summary>Where nobody named a board, the container's own layout.</summary>
    private static string CarriedBoard(string? platform)
    {
        if (platform is null)
            return CarriedName.Plain;
        var parsed = Platform.Parse(platform, null);
        return parsed.IsOk ? CarriedName.Of(parsed.Value!) : throw new UsageException(parsed.Diagnostics[0].Message);
    }

    private static Result<BoardManifest?> CheckName(string name)
    {
        CarriedName.PlatformOf(name, null, out var problem);
        return problem is null ? new(null, []) : Result<BoardManifest?>.Failed(problem);
    }

    /// <summary>A shipped board by its name; whatever has a slash or a suffix is a file.</summary>
    private static Result<BoardManifest?> ReadBoard(string text)
    {
        if (ShippedBoards.Names.Contains(text, StringComparer.Ordinal))
            return ShippedBoards.Read(text);
        if (File.Exists(text) && WorkspaceReader.ReadBoard(text) is var read)
            return new(read.Value, read.Diagnostics);
        throw new UsageException($"there is no board '{text}'; expected a file, {CarriedName.Plain}, or one of {string.Join(", ", ShippedBoards.Names)}");
    }

    private static void Show(Run run, string path)
    {
        if (Directory.Exists(path))
        {
            run.Results.Write(path + "/", "directory", json => json.WriteString("path", path));
            return;
        }
        var size = new FileInfo(path).Length;
        run.Results.Write($"{path} ({new ByteSize(size)})", "file", json =>
        {
            json.WriteString("path", path);
            json.WriteNumber("bytes", size);
        });
    }
}
