using Xunit.Sdk;
using Xunit.v3;

[assembly: Xunit.TestCollectionOrderer(typeof(Pipeline.Boot.BootsFirst))]

namespace Pipeline.Boot;

/// <summary>
/// Boots begin first, and what waits for networks and other programs next: they are the longest, and one that began last
/// would be waited for alone. How many machines run at once is <see cref="Kit.QemuMachine"/>'s.
/// </summary>
public sealed class BootsFirst : ITestCollectionOrderer
{
    private static readonly string[] Order = ["Pipeline.Boot.", "Pipeline.EndToEnd."];

    public IReadOnlyCollection<TTestCollection> OrderTestCollections<TTestCollection>(IReadOnlyCollection<TTestCollection> testCollections)
        where TTestCollection : ITestCollection =>
        [.. testCollections.OrderBy(Rank).ThenBy(c => c.TestCollectionDisplayName, StringComparer.Ordinal)];

    private static int Rank<TTestCollection>(TTestCollection collection) where TTestCollection : ITestCollection
    {
        var rank = Array.FindIndex(Order, name => collection.TestCollectionDisplayName.Contains(name, StringComparison.Ordinal));
        return rank < 0 ? Order.Length : rank;
    }
}
