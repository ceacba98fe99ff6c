using Pipeline.Core.Streams;

namespace Pipeline.Core.Blocks;

/// <summary>Writes on at the end of something, for those who know streams only. Owns nothing.</summary>
public sealed class AppendingStream(IByteAppender target) : WritingStream
{
    public override void Write(ReadOnlySpan<byte> buffer) => target.Append(buffer);
}
