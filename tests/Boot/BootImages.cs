using System.Diagnostics;
using Pipeline.Kit;
using Shouldly;

namespace Pipeline.Boot;

/// <summary>
/// Disk images of <c>images/debian-minimal</c> for the shipped boards, made as a user makes them: the recipe gives a tar of
/// each platform (once a test run), <c>pipeline build --from tar:FILE --board NAME</c> gives the disk.
/// </summary>
public sealed class BootImages : IDisposable
{
    private static readonly SemaphoreSlim Recipe = new(1);

    private readonly TempDir _folder = new();

    /// <summary>Path of the raw image, in a folder that lives as long as this object.</summary>
    public async Task<string> BuildAsync(string board, string platform, CancellationToken ct)
    {
        var tar = await SystemAsync(platform, ct);
        var image = _folder[board + ".img"];
        // Only this line knows how the engine is called.
        await RunAsync("dotnet", [CommandLine, "build", "--repo", Repository, "--from", $"tar:{tar}", "--board", board, "-o", image], [], ct);
        File.Exists(image).ShouldBeTrue();
        return image;
    }

    public void Dispose() => _folder.Dispose();

    private async Task<string> SystemAsync(string platform, CancellationToken ct)
    {
        var name = platform.Replace('/', '-');
        var tar = _folder[name + ".tar"];
        // One at a time: they share the downloads, and the machine has better to do than wait for two of them.
        await Recipe.WaitAsync(ct);
        try
        {
            if (File.Exists(tar))
                return tar;
            await RunAsync(Path.Combine(Repository, "images/debian-minimal/build.sh"), [],
                new()
                {
                    ["PIPELINE_PLATFORM"] = platform,
                    ["PIPELINE_OUTPUT"] = tar,
                    ["PIPELINE_SCRATCH"] = _folder[name],
                    ["SOURCE_DATE_EPOCH"] = "1700000000",
                },
                ct);
            return tar;
        }
        finally
        {
            Recipe.Release();
        }
    }

    private static string CommandLine => Path.Combine(AppContext.BaseDirectory, "pipeline.dll");

    /// <summary>The folder of Pipeline.sln, above the test's own.</summary>
    private static string Repository
    {
        get
        {
            var folder = AppContext.BaseDirectory;
            while (!File.Exists(Path.Combine(folder, "Pipeline.sln")))
                folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Pipeline.sln is in no folder above the tests");
            return folder;
        }
    }

    private static async Task RunAsync(string program, string[] arguments, Dictionary<string, string> environment, CancellationToken ct)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach (var (name, value) in environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        var stdout = process.StandardOutput.ReadToEndAsync(ct);
        var stderr = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        process.ExitCode.ShouldBe(0, $"{program} {string.Join(' ', arguments)}\n{await stdout}{await stderr}");
    }
}
