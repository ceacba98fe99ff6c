using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Kit;

/// <summary>A small repository of manifests without a mistake, to make mistakes in. Gone afterwards.</summary>
public sealed class ManifestRepository : IDisposable
{
    public const string Box = "boards/box.yaml";
    public const string Kiosk = "images/kiosk/image.yaml";
    public const string Pipeline = "pipeline.yaml";

    private readonly TempDir _directory = new();

    public ManifestRepository()
    {
        Write(Pipeline, PipelineText);
        Write(Box, BoxText);
        Write(Kiosk, KioskText);
    }

    public static string PipelineText => """
        version: 1
        releases:
          directory: out
        registries:
          registry.example:
            plainHttp: true
        cache:
          limit: 1GiB

        """;

    public static string BoxText => """
        description: A box
        platform: linux/arm64
        table:
          type: gpt
        partitions:
          - name: esp
            type: esp
            filesystem: {type: fat, label: ESP}
            size: 64MiB
            mount: /boot/efi
          - name: root
            type: root
            filesystem: {type: ext4, label: root}
            size: rest
            mount: /
            flags: [grow]
        blobs:
          - name: loader
            from: {container: /loader.bin}
            offset: 32KiB
            limit: 512KiB
        boot:
          method: grub-efi
          kernelArguments: [console=tty0]

        """;

    public static string KioskText => """
        description: A kiosk
        source: registry.example/kiosk:1
        boards: [box]
        outputs: [disk]
        customize:
          hostname: kiosk
          kernelArguments: [quiet]
          files:
            - path: /etc/motd
              text: hello
          users:
            - name: guest
              uid: 1000
        labels:
          title: Kiosk

        """;

    public string RootPath => _directory.Path;

    public ManifestRepository Write(string file, string text)
    {
        var path = _directory[file];
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return this;
    }

    /// <summary>Replaces a piece of a file; it must be there exactly once.</summary>
    public ManifestRepository Edit(string file, string old, string replacement)
    {
        var text = File.ReadAllText(_directory[file]);
        var first = text.IndexOf(old, StringComparison.Ordinal);
        if (first < 0 || text.IndexOf(old, first + 1, StringComparison.Ordinal) >= 0)
            throw new InvalidOperationException($"'{old}' must be in {file} exactly once");
        return Write(file, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    public Result<Workspace> Read() => WorkspaceReader.Read(RootPath);

    public void Dispose() => _directory.Dispose();
}
