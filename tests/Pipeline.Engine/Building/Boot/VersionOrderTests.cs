using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.Boot;

public sealed class VersionOrderTests
{
    /// <summary>Oldest first.</summary>
    private static readonly string[] Ordered =
    [
        "", "5.9", "5.10", "5.10.0", "5.10.0-9-amd64", "5.10.0-28-amd64", "5.10.0-28-cloud-amd64", "6.1.0-rc1", "6.1.0-rc9", "6.1.0-rc10", "6.1.0",
        "6.1.0-200.fc40", "6.1.010-1", "6.2~rc1", "6.2", "6.2+", "99999999999999999999.1", "100000000000000000000", "lts",
    ];

    [Fact]
    public void Every_pair_has_its_order()
    {
        for (var i = 0; i < Ordered.Length; i++)
        {
            for (var j = 0; j < Ordered.Length; j++)
                Math.Sign(VersionOrder.Instance.Compare(Ordered[i], Ordered[j])).ShouldBe(Math.Sign(i - j), $"'{Ordered[i]}' and '{Ordered[j]}'");
        }
    }

    [Fact]
    public void Nothing_is_the_oldest() => VersionOrder.Instance.Compare(null, "1").ShouldBeLessThan(0);
}
