using System.Collections.Immutable;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>Where shares bring their work, and where it is taken from to be released.</summary>
public interface IStage : IBuiltImages
{
    /// <summary>As the user wrote it.</summary>
    string Place { get; }

    /// <summary>The last step of a share: who finds this knows that it came to its end.</summary>
    Task WriteAsync(ShareReport report, CancellationToken ct);

    /// <summary>Of the shares that came to their end, as far as they can be read.</summary>
    Task<ImmutableArray<ShareReport>> ReadReportsAsync(CancellationToken ct);

    /// <summary>Takes away what a run no longer needs: what it released, and the reports where nothing is left to do.</summary>
    Task ClearAsync(ReconcileOutcome outcome, CancellationToken ct);
}

internal static class StageExtensions
{
    /// <summary>The steps that were not staged yet from the inputs of today: a run that is repeated builds only what is missing.</summary>
    public static async Task<ImmutableArray<PlanStep>> MissingAsync(this IStage stage, ImmutableArray<PlanStep> steps, CancellationToken ct)
    {
        var missing = ImmutableArray.CreateBuilder<PlanStep>();
        foreach (var step in steps)
        {
            if (await stage.FindAsync(step.Target, ct) is not { } built || !stage.IsWhole(step.Target.Image.Name, built))
                missing.Add(step);
        }
        return missing.ToImmutable();
    }
}
