namespace Pipeline.Kit;

/// <summary>A small repository whose images are made of local tars, so that it needs no network. Gone afterwards.</summary>
public sealed class TarRepository : IDisposable
{
    private readonly TempDir _directory = new();

    public TarRepository(params string[] images)
    {
        Write("pipeline.yaml", "version: 1\nreleases: {directory: releases}\n");
        Write("boards/box.yaml", BoardText);
        foreach (var image in images)
        {
            Write($"images/{image}/image.yaml", $"description: {image}\nsource: tar:root.tar\nboards: [box]\n");
            WriteTar($"images/{image}/root.tar", "hello");
        }
    }

    /// <summary>A board that boots nothing, so that any tree will do.</summary>
    public static string BoardText => """
        description: A box
        platform: linux/amd64
        table: {type: gpt}
        partitions:
          - {name: root, type: root, filesystem: {type: ext4, label: root}, size: rest, mount: /}
        boot: {method: none}

        """;

    public string RootPath => _directory.Path;

    public string this[string file] => _directory[file];

    public PipelineCommand Pipeline => new(RootPath);

    public TarRepository Write(string file, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory[file])!);
        File.WriteAllText(_directory[file], text);
        return this;
    }

    /// <summary>A root file system with one file, <c>/etc/motd</c>.</summary>
    public TarRepository WriteTar(string file, string motd)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_directory[file])!);
        File.WriteAllBytes(_directory[file], OciLayoutWriter.TarOf(("etc/motd", motd)));
        return this;
    }

    public void Dispose() => _directory.Dispose();
}
