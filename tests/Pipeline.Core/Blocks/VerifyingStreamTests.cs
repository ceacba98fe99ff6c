using Pipeline.Core.Units;
using Shouldly;
using Xunit;

namespace Pipeline.Core.Blocks;

public sealed class VerifyingStreamTests
{
    private static readonly byte[] Bytes = [1, 2, 3, 4, 5];

    [Theory]
    [InlineData("as promised", 5, 0, null)]
    [InlineData("shorter", 6, 0, "ends after 5 of 6 bytes")]
    [InlineData("longer", 4, 0, "longer than the 4 bytes")]
    [InlineData("other bytes", 5, 1, "expected sha256:")]
    public async Task What_was_read_is_compared(string what, long promised, byte flip, string? complaint)
    {
        byte[] served = [(byte)(Bytes[0] ^ flip), .. Bytes[1..]];
        await using var stream = new VerifyingStream(new MemoryStream(served), Digest.Sha256(Bytes), promised);
        if (complaint is null)
        {
            await stream.DrainAsync(CancellationToken.None);
            stream.IsVerified.ShouldBeTrue(what);
            return;
        }
        var thrown = await Should.ThrowAsync<InvalidDataException>(stream.DrainAsync(CancellationToken.None));
        thrown.Message.ShouldContain(complaint);
        stream.IsVerified.ShouldBeFalse();
    }
}
