using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Engine.Manifests.Models;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>LinuxKit files in a folder of their own, read as a source reads them.</summary>
internal sealed class LinuxKitFiles : IDisposable
{
    private readonly TempDir _folder = new();

    public string Folder => _folder.Path;

    public void Write(string name, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(_folder[name])!);
        File.WriteAllText(_folder[name], text);
    }

    public Result<LinuxKitDocument> Read(string names) => LinuxKitReader.Read(Source(names), _folder.Path);

    public ImageSource Source(string names) => new("linuxkit:" + names, _folder.Path, new SourceSpan("images/box/image.yaml", 1, 9));

    /// <summary>A document without a mistake.</summary>
    public static LinuxKitDocument Parse(string text)
    {
        using var files = new LinuxKitFiles();
        files.Write("a.yml", text);
        var read = files.Read("a.yml");
        read.IsOk.ShouldBeTrue(string.Join('\n', read.Diagnostics));
        return read.Value!;
    }

    public void Dispose() => _folder.Dispose();
}
