using Pipeline.Kit;
using Shouldly;

namespace Pipeline.Engine.Inventories.Versions;

/// <summary>What every order owes.</summary>
internal static class OrderProperties
{
    public static void Hold(RandomVersions versions, Func<string, string, int> compare, bool isTransitive = true)
    {
        var some = Enumerable.Range(0, 60).Select(_ => versions.Next()).ToArray();
        foreach (var a in some)
        {
            compare(a, a).ShouldBe(0);
            foreach (var b in some)
            {
                compare(a, b).ShouldBe(-compare(b, a), $"{a} {b}");
                if (!isTransitive || compare(a, b) > 0)
                    continue;
                foreach (var c in some)
                {
                    if (compare(b, c) <= 0)
                        compare(a, c).ShouldBeLessThanOrEqualTo(0, $"{a} <= {b} <= {c}");
                }
            }
        }
    }
}
