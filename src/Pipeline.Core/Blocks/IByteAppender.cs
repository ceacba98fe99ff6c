namespace Pipeline.Core.Blocks;

/// <summary>Bytes put one behind the other.</summary>
public interface IByteAppender
{
    long LengthBytes { get; }

    void Append(ReadOnlySpan<byte> data);
}
