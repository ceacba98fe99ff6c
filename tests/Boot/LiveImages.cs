using System.Diagnostics;
using Pipeline.Kit;

namespace Pipeline.Boot;

/// <summary>Live outputs of <c>images/debian-minimal</c> with another initrd, made by a repository as a user has one.</summary>
public sealed class LiveImages : IDisposable
{
    private readonly TempDir _folder = new();

    /// <summary>Where the files of a release lie.</summary>
    public string Out => _folder["out/kiosk"];

    public string this[string name] => _folder[name];

    /// <param name="outputs">In YAML.</param>
    /// <param name="initrdPath">Takes the place of the source's own.</param>
    public async Task BuildAsync(string board, string platform, string outputs, string initrdPath, CancellationToken ct)
    {
        var tar = await DebianMinimal.TarAsync(platform, ct);
        var version = Tool.Require("tar", "-tf", tar, "--wildcards", "./usr/lib/modules/*/vmlinuz").Split('/')[4];
        Directory.CreateDirectory(_folder["images/kiosk"]);
        File.Copy(initrdPath, _folder["images/kiosk/initrd.img"]);
        await File.WriteAllTextAsync(_folder["pipeline.yaml"], "version: 1\n", ct);
        await File.WriteAllTextAsync(_folder["images/kiosk/image.yaml"], $"""
            source: tar:{tar}
            boards: [{board}]
            outputs: {outputs}
            customize:
              hostname: kiosk
              files:
                - {"{"}path: /usr/lib/modules/{version}/initramfs.img, source: initrd.img{"}"}
            """, ct);
        var built = await Task.Run(
            () => PipelineProcess.Run(new ProcessStartInfo(
                PipelineProcess.Dotnet, [PipelineProcess.Dll, "build", "--repo", _folder.Path, "-o", _folder["out"], "--cache", _folder["cache"]])),
            ct);
        if (built.ExitCode != 0)
            throw new InvalidOperationException($"no {outputs} for {board}:\n{built.Output}");
    }

    public void Dispose() => _folder.Dispose();
}
