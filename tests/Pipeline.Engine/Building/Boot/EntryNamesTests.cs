using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

public sealed class EntryNamesTests
{
    [Theory]
    [InlineData("6.12.1 6.1.0", "kiosk-6.12.1 kiosk-6.1.0")]
    [InlineData("6.6+3 6.6~rc1", "kiosk-6.6_3 kiosk-6.6_rc1")]
    [InlineData("6.6+a 6.6_a 6.6~A 6.6_a-2", "kiosk-6.6_a kiosk-6.6_a-2 kiosk-6.6_A-3 kiosk-6.6_a-2-2")]
    public void Each_kernel_has_a_name_of_its_own(string versions, string names) =>
        EntryNames.Of("kiosk", versions.Split(' ')).ShouldBe(names.Split(' '));
}
