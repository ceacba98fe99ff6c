using System.Diagnostics;
using Pipeline.Engine.Resolving;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// The root file systems of <c>images/debian-minimal</c>, made by its recipe from Debian's packages: once a platform and
/// content of the recipe, kept beside the build's artifacts. Tests read them and never write.
/// </summary>
public static class DebianMinimal
{
    private static readonly SemaphoreSlim OneAtATime = new(1);

    /// <summary>The folder of Pipeline.sln, above the test's own.</summary>
    public static string Repository { get; } = FindRepository();

    /// <returns>Path of a tar.</returns>
    public static async Task<string> TarAsync(string platform, CancellationToken ct)
    {
        var script = Path.Combine(Repository, "images/debian-minimal/build.sh");
        var fingerprint = await FolderFingerprint.ComputeAsync(script, null, ct);
        fingerprint.Diagnostics.ShouldBeEmpty();
        var shelf = Path.Combine(Repository, ".artifacts", "debian-minimal");
        var tar = Path.Combine(shelf, $"{fingerprint.Value!.Short}-{platform.Replace('/', '-')}.tar");
        // They share the downloads, and the machine has better to do than wait for two of them.
        await OneAtATime.WaitAsync(ct);
        try
        {
            if (!File.Exists(tar))
                await MakeAsync(script, platform, tar, ct);
            return tar;
        }
        finally
        {
            OneAtATime.Release();
        }
    }

    /// <summary>One file of the system.</summary>
    public static async Task<byte[]> ReadAsync(string platform, string path, CancellationToken ct)
    {
        using var temp = new TempDir();
        Tool.Require("tar", "-xf", await TarAsync(platform, ct), "-C", temp.Path, "./" + path);
        return await File.ReadAllBytesAsync(temp[path], ct);
    }

    /// <summary>Its own small initrd.</summary>
    public static async Task<byte[]> InitrdAsync(string platform, CancellationToken ct)
    {
        using var temp = new TempDir();
        Tool.Require("tar", "-xf", await TarAsync(platform, ct), "-C", temp.Path, "--wildcards", "--strip-components=5", "./usr/lib/modules/*/initramfs.img");
        return await File.ReadAllBytesAsync(temp["initramfs.img"], ct);
    }

    private static async Task MakeAsync(string script, string platform, string tar, CancellationToken ct)
    {
        using var temp = new TempDir();
        var shelf = Path.GetDirectoryName(tar)!;
        Directory.CreateDirectory(Path.Combine(shelf, "downloads"));
        var start = new ProcessStartInfo(script) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PIPELINE_PLATFORM"] = platform;
        start.Environment["PIPELINE_OUTPUT"] = temp["system.tar"];
        start.Environment["PIPELINE_SCRATCH"] = temp["scratch"];
        start.Environment["PIPELINE_CACHE"] = Path.Combine(shelf, "downloads");
        start.Environment["SOURCE_DATE_EPOCH"] = "1700000000";
        using var process = Process.Start(start)!;
        var stdout = process.StandardOutput.ReadToEndAsync(ct);
        var stderr = process.StandardError.ReadToEndAsync(ct);
        await process.WaitForExitAsync(ct);
        process.ExitCode.ShouldBe(0, $"{script} for {platform}\n{await stdout}{await stderr}");
        // By rename within one folder: another run of the tests may be making it too.
        var staged = $"{tar}.{Environment.ProcessId}";
        File.Move(temp["system.tar"], staged);
        File.Move(staged, tar, overwrite: true);
    }

    private static string FindRepository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Pipeline.sln")))
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("Pipeline.sln is in no folder above the tests");
        return folder;
    }
}
