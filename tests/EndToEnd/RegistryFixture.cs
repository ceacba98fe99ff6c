using Pipeline.Kit;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>One real registry for the tests of a class.</summary>
public sealed class RegistryFixture : IAsyncLifetime
{
    public DockerRegistry Registry { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Registry = await DockerRegistry.StartAsync(TestContext.Current.CancellationToken);

    public ValueTask DisposeAsync()
    {
        Registry.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>What a run may leave behind only when it was killed.</summary>
internal static class Scratch
{
    public static IEnumerable<string> Of(Fleet fleet)
    {
        var scratch = Path.Combine(fleet.RootPath, ".pipeline", "scratch");
        var unfinished = Directory.Exists(fleet.ReleasesPath)
            ? Directory.EnumerateFileSystemEntries(fleet.ReleasesPath, ".*", SearchOption.AllDirectories).Where(p => Path.GetFileName(p) != ".lock")
            : [];
        return (Directory.Exists(scratch) ? Directory.EnumerateDirectories(scratch) : []).Concat(unfinished);
    }
}
