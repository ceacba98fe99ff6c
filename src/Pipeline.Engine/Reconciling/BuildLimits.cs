namespace Pipeline.Engine.Reconciling;

/// <summary>How many images are built side by side. One build uses several cores for its layers and, by the engine's budget, 300 MiB.</summary>
public sealed record BuildLimits(int ParallelImages)
{
    private const long MemoryPerImage = 400L << 20;
    private const int CoresPerImage = 2;
    private const int Most = 8;

    /// <param name="availableMemoryBytes">What this process may use.</param>
    public static BuildLimits For(int cores, long availableMemoryBytes) =>
        new((int)Math.Clamp(Math.Min(cores / CoresPerImage, availableMemoryBytes / MemoryPerImage), 1, Most));

    public static BuildLimits OfThisMachine() =>
        For(Environment.ProcessorCount, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes);
}
