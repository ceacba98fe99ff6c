using Pipeline.Core.Files;

namespace Pipeline.Engine.Building.Boot;

/// <summary>Contents that lie behind one another, with zeroes between them. Holds none of them: they must be readable for as long as this is read.</summary>
/// <param name="parts">Ascending, without overlap, inside <paramref name="lengthBytes"/>.</param>
internal sealed class JoinedSource(IReadOnlyList<(long OffsetBytes, FileContent Content)> parts, long lengthBytes) : ContentSource
{
    public override void ReadExactly(long offset, Span<byte> buffer)
    {
        if (offset < 0 || offset + buffer.Length > lengthBytes)
            throw new EndOfStreamException();
        buffer.Clear();
        foreach (var (start, content) in parts)
        {
            var (from, to) = (Math.Max(start, offset), Math.Min(start + content.LengthBytes, offset + buffer.Length));
            if (from < to)
                content.Read(from - start, buffer[(int)(from - offset)..(int)(to - offset)]);
        }
    }
}
