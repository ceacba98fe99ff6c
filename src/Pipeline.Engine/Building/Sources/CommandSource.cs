using System.Diagnostics;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Oci.Cache;
using Pipeline.Oci.Platforms;

namespace Pipeline.Engine.Building.Sources;

/// <summary>
/// Runs the script of a <c>command:</c> source, once for a fingerprint and a platform: what it left is kept in the cache.
/// The script gets PIPELINE_PLATFORM, PIPELINE_OUTPUT, PIPELINE_SCRATCH, PIPELINE_CACHE and SOURCE_DATE_EPOCH, and
/// runs as the user in the folder of its image; what it prints is shown.
/// </summary>
internal sealed class CommandSource(CacheTrees cache, long epochSeconds)
{
    /// <returns>The text of a source that reads what the script left.</returns>
    public async Task<Result<string>> MakeAsync(ResolvedCommand command, Target target, BuildContext context, CancellationToken ct)
    {
        var platform = PlatformText(target.Board.Platform);
        var name = Digest.Sha256(System.Text.Encoding.UTF8.GetBytes($"{command.Fingerprint.Text}\n{platform}\n{epochSeconds}")).Hex;
        var kept = Path.Combine(cache.FolderOf(CachedTree.ScriptResult), name);
        if (!Directory.Exists(kept))
        {
            var scratch = Path.Combine(context.OutputDirectory, "command");
            Directory.CreateDirectory(scratch);
            var made = await RunAsync(command, target, Path.Combine(scratch, "result"), context, ct);
            if (!made.IsOk)
                return made;
            Keep(Path.Combine(scratch, "result"), kept);
        }
        cache.Touch(kept);
        return Found(kept) ?? throw new IOException($"the cache lost {kept} while it was used");
    }

    /// <summary>For scripts, which have no table of default variants: 32-bit Arm always says which it is.</summary>
    private static string PlatformText(Platform platform) =>
        platform is { Architecture: "arm", Variant: null } ? $"{platform}/v7" : platform.ToString();

    /// <summary>By rename; another process that was quicker wins, its result is the same.</summary>
    private static void Keep(string result, string kept)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(kept)!);
        var staged = $"{kept}.{Environment.ProcessId}.partial";
        // Left by a process of the same number that did not end well.
        if (Directory.Exists(staged))
            Directory.Delete(staged, recursive: true);
        Directory.CreateDirectory(staged);
        var target = Path.Combine(staged, "output");
        if (Directory.Exists(result))
            CopyTree(result, target);
        else
            File.Move(result, target);
        try
        {
            Directory.Move(staged, kept);
        }
        catch (IOException) when (Directory.Exists(kept))
        {
            Directory.Delete(staged, recursive: true);
        }
    }

    private static void CopyTree(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            var copy = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }
    }

    private static string? Found(string kept)
    {
        var output = Path.Combine(kept, "output");
        if (File.Exists(output))
            return "tar:" + output;
        return Directory.Exists(output) ? "oci:" + output : null;
    }

    private async Task<Result<string>> RunAsync(
        ResolvedCommand command, Target target, string output, BuildContext context, CancellationToken ct)
    {
        using var activity = context.Reporter.Begin($"run {Path.GetFileName(command.ScriptPath)} of {target.Image.Name} for {target.Board.Platform}", null);
        var said = new LastLines();
        var complained = new LastLines();
        Action<string?> Hear(LastLines lines) => line =>
        {
            if (line is null)
                return;
            context.Reporter.Announce($"{target.Image.Name}: {line}");
            lines.Add(line);
        };

        int exitCode;
        try
        {
            exitCode = await ProcessAsync(Start(command, target, output), Hear(said), Hear(complained), ct);
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            return Failed(BuildingRules.CommandNotStarted, target, command.ScriptPath, e.Message);
        }
        if (exitCode != 0)
            return Failed(BuildingRules.CommandFailed, target, command.ScriptPath, $"code {exitCode.ToString(CultureInfo.InvariantCulture)}", "\n" + string.Join('\n', [.. said.Lines, .. complained.Lines]));
        return File.Exists(output) || Directory.Exists(output)
            ? new Result<string>(output, [])
            : Failed(BuildingRules.CommandLeftNothing, target, command.ScriptPath);
    }

    private static Result<string> Failed(Rule rule, Target target, params ReadOnlySpan<object?> arguments) =>
        Result<string>.Failed(Diagnostic.Create(rule, target.Image.Source.Span, arguments));

    private ProcessStartInfo Start(ResolvedCommand command, Target target, string output)
    {
        var scratch = Path.Combine(Path.GetDirectoryName(output)!, "scratch");
        var keep = Path.Combine(cache.FolderOf(CachedTree.ScriptDownloads), target.Image.Name);
        Directory.CreateDirectory(scratch);
        Directory.CreateDirectory(keep);
        cache.Touch(keep);
        var start = new ProcessStartInfo(command.ScriptPath)
        {
            WorkingDirectory = Path.GetDirectoryName(command.ScriptPath)!,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        start.Environment["PIPELINE_PLATFORM"] = PlatformText(target.Board.Platform);
        start.Environment["PIPELINE_OUTPUT"] = Path.GetFullPath(output);
        start.Environment["PIPELINE_SCRATCH"] = Path.GetFullPath(scratch);
        start.Environment["PIPELINE_CACHE"] = Path.GetFullPath(keep);
        start.Environment["SOURCE_DATE_EPOCH"] = epochSeconds.ToString(CultureInfo.InvariantCulture);
        start.Environment["TZ"] = "UTC";
        start.Environment["LC_ALL"] = "C.UTF-8";
        return start;
    }

    private static async Task<int> ProcessAsync(ProcessStartInfo start, Action<string?> hear, Action<string?> hearErrors, CancellationToken ct)
    {
        using var process = new Process { StartInfo = start };
        process.OutputDataReceived += (_, e) => hear(e.Data);
        process.ErrorDataReceived += (_, e) => hearErrors(e.Data);
        process.Start();
        process.StandardInput.Close();
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        try
        {
            await process.WaitForExitAsync(ct);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
        return process.ExitCode;
    }

    /// <summary>The end of one output. Two pipes come in no order of their own: long chatter must not push out the complaint.</summary>
    private sealed class LastLines
    {
        private const int Most = 10;
        private readonly Queue<string> _lines = new();

        /// <summary>Read once the process has ended.</summary>
        public IReadOnlyCollection<string> Lines => _lines;

        public void Add(string line)
        {
            _lines.Enqueue(line);
            if (_lines.Count > Most)
                _lines.Dequeue();
        }
    }
}
