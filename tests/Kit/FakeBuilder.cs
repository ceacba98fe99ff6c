using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Diagnostics;
using Pipeline.Core.Units;
using Pipeline.Engine.Building;
using Pipeline.Engine.Inventories;
using Pipeline.Engine.Planning;

namespace Pipeline.Kit;

/// <summary>Builds small files that depend on the deciding inputs and on nothing else; fails where it is told to.</summary>
public sealed class FakeBuilder : IImageBuilder
{
    public static readonly Rule Refused = new("PL4901", Severity.Error, "'{0}' does not fit");

    private int _running;
    private int _mostRunning;

    /// <summary>Ids of what was built, and of one call each.</summary>
    public ConcurrentQueue<string> Calls { get; } = new();

    /// <summary>Ids whose build gives an error.</summary>
    public HashSet<string> Broken { get; } = [];

    /// <summary>What a build of an image throws.</summary>
    public Dictionary<string, Exception> Throws { get; } = [];

    /// <summary>Awaited in each call.</summary>
    public Func<CancellationToken, Task> Meanwhile { get; set; } = _ => Task.CompletedTask;

    /// <summary>What the source of a target holds; null where nobody reads it.</summary>
    public Func<Target, SourceInventory?> Inventory { get; set; } = _ => null;

    public int MostRunning => _mostRunning;

    public async Task<ImmutableArray<Result<Artifact>>> BuildAsync(
        ImmutableArray<Target> targetsOfOneSource, BuildContext context, CancellationToken ct)
    {
        InterlockedMax(ref _mostRunning, Interlocked.Increment(ref _running));
        try
        {
            Calls.Enqueue(string.Join('+', targetsOfOneSource.Select(t => t.Id)));
            await Meanwhile(ct);
            if (Throws.TryGetValue(targetsOfOneSource[0].Image.Name, out var failure))
                throw failure;
            return [.. targetsOfOneSource.Select(t => Build(t, context))];
        }
        finally
        {
            Interlocked.Decrement(ref _running);
        }
    }

    private Result<Artifact> Build(Target target, BuildContext context)
    {
        if (Broken.Contains(target.Id))
            return Result<Artifact>.Failed(Diagnostic.Create(Refused, target.Image.Span, target.Id));
        var content = Encoding.UTF8.GetBytes(string.Join('\n', target.Inputs!.Deciding.Select(d => $"{d.Key}={d.Value}")) + new string('\0', 10_000) + "end");
        var name = $"{target.Image.Name}-{target.Board.Name}.img";
        var path = Path.Combine(context.OutputDirectory, name);
        File.WriteAllBytes(path, content);
        return new Artifact(target, [new(path, name, new(content.Length), Digest.Sha256(content))], []) { Inventory = context.ListPackages ? Inventory(target) : null };
    }

    private static void InterlockedMax(ref int most, int value)
    {
        for (var seen = most; seen < value; seen = most)
            Interlocked.CompareExchange(ref most, value, seen);
    }
}
