using System.Diagnostics;
using Pipeline.Kit;

namespace Pipeline.Boot;

/// <summary>Live outputs of a container with another initrd than its own, made by a repository as a user has one.</summary>
public sealed class LiveImages : IDisposable
{
    private readonly TempDir _folder = new();

    /// <summary>The container's tar for a platform; <c>images/debian-minimal</c> where nothing is said.</summary>
    public Func<string, CancellationToken, Task<string>> TarAsync { get; init; } = DebianMinimal.TarAsync;

    /// <summary>In YAML, what the manifest writes onto the kernel command line.</summary>
    public string KernelArguments { get; init; } = "[]";

    /// <summary>Where the files of a release lie.</summary>
    public string Out => _folder["out/kiosk"];

    public string this[string name] => _folder[name];

    /// <param name="outputs">In YAML.</param>
    /// <param name="initrdPath">Takes the place of the source's own.</param>
    public async Task BuildAsync(string board, string platform, string outputs, string initrdPath, CancellationToken ct)
    {
        var tar = await TarAsync(platform, ct);
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
              kernelArguments: {KernelArguments}
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
