using System.Formats.Tar;
using System.Text.Json.Nodes;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>A repository with one image of a LinuxKit system, whose containers lie in an OCI layout beside its manifest. Gone afterwards.</summary>
public sealed class LinuxKitRepository : IDisposable
{
    public const string System = """
        kernel: {image: oci:layout:kernel, cmdline: "console=ttyS0 quiet"}
        init: [oci:layout:init]
        volumes:
          - {name: data, image: oci:layout:tools, readonly: true}
        onboot:
          - {name: first, image: oci:layout:tools, command: [/bin/tool], binds: ["data:/data:ro"]}
        services:
          - {name: main, image: oci:layout:main}
        files:
          - {path: etc/motd, source: motd, mode: "0644"}

        """;

    private readonly TarRepository _repository = new();
    private readonly string _platform;

    public LinuxKitRepository(string outputs, string platform = "linux/amd64")
    {
        _platform = platform;
        _repository.Write("boards/box.yaml", TarRepository.BoardText.Replace("linux/amd64", platform, StringComparison.Ordinal));
        _repository.Write("images/kit/image.yaml", $"description: a system\nsource: linuxkit:system.yml\nboards: [box]\noutputs: {outputs}\ncustomize: {{kernelArguments: [last], files: [{{path: /etc/added, text: added}}]}}\n");
        _repository.Write("images/kit/system.yml", System);
        _repository.Write("images/kit/motd", "hello");
        WriteContainers();
    }

    public PipelineCommand Pipeline => _repository.Pipeline;

    public string this[string file] => _repository[file];

    public void Write(string file, string text) => _repository.Write(file, text);

    /// <summary>Writes all containers anew; one of them with another content.</summary>
    public void WriteContainers(string? changed = null)
    {
        Directory.CreateDirectory(this["images/kit"]);
        if (Directory.Exists(this["images/kit/layout"]))
            Directory.Delete(this["images/kit/layout"], recursive: true);
        var writer = new OciLayoutWriter(this["images/kit/layout"]);
        var modules = OciLayoutWriter.TarOf(("lib/modules/6.1/x.ko", "module"));
        var kernel = OciLayoutWriter.TarOf(new[] { ("kernel", "KERNEL"u8.ToArray()), ("kernel.tar", modules) }.Select(f => (TarEntry)new PaxTarEntry(TarEntryType.RegularFile, f.Item1) { DataStream = new MemoryStream(f.Item2) }));
        Tag("kernel", kernel);
        Tag("init", OciLayoutWriter.TarOf(("init", "#!/bin/sh\n"), ("sbin/init", "#!/bin/sh\n")));
        Tag("tools", OciLayoutWriter.TarOf(("bin/tool", "tool")));
        Tag("main", OciLayoutWriter.TarOf(("bin/main", "main")));

        void Tag(string name, byte[] tar)
        {
            var layers = new List<WrittenLayer> { writer.AddLayer(tar) };
            if (name == changed)
                layers.Add(writer.AddLayer(("changed", "x")));
            writer.Tag(name, writer.AddImage(_platform, layers, new JsonObject { ["Cmd"] = new JsonArray($"/bin/{name}") }));
        }
    }

    public ToolResult Run(params string[] arguments) => Pipeline.Run(arguments);

    /// <summary>Builds into a folder of this repository.</summary>
    public string Build(string folder, string processors = "2")
    {
        var pipeline = Pipeline;
        pipeline.Environment["DOTNET_PROCESSOR_COUNT"] = processors;
        var run = pipeline.Run("build", "-o", folder);
        run.ExitCode.ShouldBe(0, run.Output);
        return Path.Combine(this[folder], "kit");
    }

    public void Dispose() => _repository.Dispose();
}
