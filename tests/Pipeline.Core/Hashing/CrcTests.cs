using Shouldly;
using Xunit;

namespace Pipeline.Core.Hashing;

public sealed class CrcTests
{
    [Fact]
    public void Each_crc_gives_its_published_check_value()
    {
        Crc32.Hash("123456789"u8).ShouldBe(0xCBF43926u);
        Crc32C.Hash("123456789"u8).ShouldBe(0xE3069283u);
        Crc64.Append(0, "123456789"u8).ShouldBe(0xB90956C775A41001);
        Crc64.Append(Crc64.Append(0, "1234"u8), "56789"u8).ShouldBe(0xB90956C775A41001);
        Crc16.Append(0, "123456789"u8).ShouldBe((ushort)0xBB3D);
    }
}
