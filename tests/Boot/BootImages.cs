using System.Diagnostics;
using Pipeline.Kit;

namespace Pipeline.Boot;

/// <summary>Disk images of <c>images/debian-minimal</c> for the shipped boards, made as a user makes them, without a repository.</summary>
public sealed class BootImages : IDisposable
{
    private readonly TempDir _folder = new();

    /// <summary>Path of the raw image, in a folder that lives as long as this object.</summary>
    public async Task<string> BuildAsync(string board, string platform, CancellationToken ct)
    {
        var tar = await DebianMinimal.TarAsync(platform, ct);
        var image = _folder[board + ".img"];
        var built = await Task.Run(
            () => PipelineProcess.Run(new ProcessStartInfo(
                PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "--from", $"tar:{tar}", "--board", board, "-o", image, "--cache", _folder["cache"]])),
            ct);
        return built.ExitCode == 0 ? image : throw new InvalidOperationException($"no image for {board}:\n{built.Output}");
    }

    public void Dispose() => _folder.Dispose();
}
