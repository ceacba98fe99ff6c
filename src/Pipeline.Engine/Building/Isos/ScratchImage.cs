using Pipeline.Core.Blocks;
using Pipeline.Core.Files;
using Pipeline.Disk;

namespace Pipeline.Engine.Building.Isos;

/// <summary>A file system that is a file of another one: written to a nameless scratch file. Disposing gives it back.</summary>
internal sealed class ScratchImage : IDisposable
{
    private readonly FileSource _source;

    private ScratchImage(FileSource source, long lengthBytes) => (_source, Content) = (source, FileContent.Of(source, 0, lengthBytes));

    public FileContent Content { get; }

    public static ScratchImage Write(IFileSystemWriter writer, string directory, int parallelism, CancellationToken ct)
    {
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "image.tmp");
        FileSink.Create(path, writer.LengthBytes, sink =>
        {
            writer.Pour(sink, parallelism, ct);
            writer.Seal(sink, ct);
        });
        var source = FileSource.Open(path);
        File.Delete(path);
        return new(source, writer.LengthBytes);
    }

    public void Dispose() => _source.Dispose();
}
