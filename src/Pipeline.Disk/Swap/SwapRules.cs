using Pipeline.Core.Diagnostics;

namespace Pipeline.Disk.Swap;

/// <summary>What a swap partition cannot be.</summary>
public static class SwapRules
{
    public static readonly Rule TooSmall =
        new("PL4801", Severity.Error, "a swap partition of {0}, expected at least {1}; make it larger");

    public static readonly Rule LabelTooLong =
        new("PL4802", Severity.Error, "swap label '{0}' has {1} bytes, expected at most 15; shorten it");

    public static readonly Rule TooLarge =
        new("PL4803", Severity.Error, "a swap partition of {0}, which is more pages than Linux counts; make it at most {1}");
}
