using System.Globalization;
using Pipeline.Engine.Manifests.Policies;
using Pipeline.Engine.Planning;

namespace Pipeline.Engine.Reconciling;

/// <summary>Why a stale target waits at a given time: its image's hold, a source that is too young, or a failure not long ago.</summary>
internal sealed class HoldReasons(DateTimeOffset now, FailureMemory? failures, bool backsOff)
{
    public string? Of(PlanStep step)
    {
        var image = step.Target.Image;
        if (image.Hold is { } hold && HoldClock.Until(hold, now) is { } until)
            return until == DateTimeOffset.MaxValue ? "held, and its windows leave no gap" : $"held until {HoldClock.Show(until)}";
        if (image.MinimumAge is { } age && CreatedOf(step.Target) is { } created && created + age > now)
            return $"its source is younger than {Show(age)} until {HoldClock.Show(created + age)}";
        return backsOff && failures?.Find(step.Target) is { } failure && failure.NotBefore > now
            ? $"{Times(failure)}, tried again after {HoldClock.Show(failure.NotBefore)}: {failure.Message}"
            : null;
    }

    /// <summary>How it failed before; null where it did not.</summary>
    public string? FailureOf(PlanStep step) => failures?.Find(step.Target) is { } failure ? $"{Times(failure)}, last {HoldClock.Show(failure.Last)}: {failure.Message}" : null;

    /// <summary><c>36 h</c>, <c>3 d</c></summary>
    private static string Show(TimeSpan age) => age.Ticks % TimeSpan.TicksPerDay == 0 ? $"{age.Days} d" : $"{(int)age.TotalHours} h";

    private static string Times(Failure failure) => failure.Count == 1 ? "failed once" : $"failed {failure.Count} times";

    private static DateTimeOffset? CreatedOf(Target target) =>
        target.Inputs?.Observed.GetValueOrDefault(InputNames.SourceCreated) is { } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var created)
            ? created
            : null;
}
