using Pipeline.Core.Files;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

public sealed class JoinedSourceTests
{
    private const int Length = 40;
    private static readonly byte[] Expected = [1, 2, 3, 0, 0, 4, 5, 0, 0, 6, .. new byte[Length - 10]];

    private static readonly JoinedSource Source = new(
        [(0, FileContent.Of([1, 2, 3])), (3, default), (5, FileContent.Of([4, 5])), (7, FileContent.Sparse(null, 2, [])), (9, FileContent.Of([6]))], Length);

    [Fact]
    public void Every_run_of_bytes_is_what_lies_there()
    {
        for (var from = 0; from <= Length; from++)
        {
            for (var count = 0; count <= Length - from; count++)
            {
                var buffer = Enumerable.Repeat((byte)0xAA, count).ToArray();
                Source.ReadExactly(from, buffer);
                buffer.ShouldBe(Expected[from..(from + count)], $"{count} bytes at {from}");
            }
        }
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(Length, 1)]
    [InlineData(1, Length)]
    public void Nothing_lies_outside(int from, int count) => Should.Throw<EndOfStreamException>(() => Source.ReadExactly(from, new byte[count]));
}
