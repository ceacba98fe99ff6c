using Xunit;

namespace Pipeline.Kit;

/// <summary>One world for the tests of a class that only look.</summary>
public sealed class PagesWorldFixture : IAsyncLifetime
{
    public PagesWorld World { get; private set; } = null!;

    public async ValueTask InitializeAsync() => World = await PagesWorld.StartAsync(CancellationToken.None);

    public ValueTask DisposeAsync() => World.DisposeAsync();
}
