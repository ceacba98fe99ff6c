using System.Diagnostics;
using Pipeline.Core.Units;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>
/// Containers with a live system, made of Debian's packages by <c>live-container.sh</c>: once a platform and content of what
/// makes them, kept beside the build's artifacts. Tests read them and never write.
/// </summary>
public static class LiveContainers
{
    private static readonly SemaphoreSlim OneAtATime = new(1);
    private static readonly string[] Makers = ["live-container.sh", "live-init"];

    /// <returns>Path of a tar.</returns>
    public static async Task<string> TarAsync(string platform, CancellationToken ct)
    {
        var system = await DebianMinimal.TarAsync(platform, ct);
        var kit = Path.Combine(DebianMinimal.Repository, "tests/Kit");
        var shelf = Path.GetDirectoryName(system)!;
        var made = Digest.Sha256([.. Makers.SelectMany(m => File.ReadAllBytes(Path.Combine(kit, m))), .. System.Text.Encoding.UTF8.GetBytes(Path.GetFileName(system))]);
        var tar = Path.Combine(shelf, $"live-{made.Short}-{platform.Replace('/', '-')}.tar");
        await OneAtATime.WaitAsync(ct);
        try
        {
            if (File.Exists(tar))
                return tar;
            // By rename within one folder: another run of the tests may be making it too.
            var staged = $"{tar}.{Environment.ProcessId}";
            var run = await Task.Run(() => Tool.Run(new ProcessStartInfo(Path.Combine(kit, Makers[0]), [platform, system, staged, Path.Combine(shelf, "downloads")])), ct);
            run.ExitCode.ShouldBe(0, run.Output);
            File.Move(staged, tar, overwrite: true);
            return tar;
        }
        finally
        {
            OneAtATime.Release();
        }
    }
}
