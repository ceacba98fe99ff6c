using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Pipeline.Engine.Reconciling.Shares;

/// <summary>One of several machines' parts of the work.</summary>
/// <param name="Index">From 0.</param>
public sealed record Share(int Index, int Count)
{
    public const int MostShares = 10_000;
    private const string Auto = "auto";

    /// <summary><c>2/3</c>: the last of three; or <c>auto</c>, where a scheduler says it.</summary>
    /// <param name="variable">Environment variables by name.</param>
    /// <param name="problem">What is wrong, as a whole sentence without a stop.</param>
    public static bool TryParse(string text, Func<string, string?> variable, [NotNullWhen(true)] out Share? share, out string problem)
    {
        problem = $"{Unlike(text)}, or 'auto'";
        return text == Auto ? TryFind(variable, out share, out problem) : TryRead(text.Split('/'), out share);
    }

    public override string ToString() => $"{Index.ToString(CultureInfo.InvariantCulture)}/{Count.ToString(CultureInfo.InvariantCulture)}";

    private static string Unlike(string text) =>
        $"'{text}' is no share, expected INDEX/COUNT with an index from 0 to COUNT-1 and a count of at most {MostShares.ToString(CultureInfo.InvariantCulture)}, such as 0/3";

    private static bool TryRead(string[] parts, [NotNullWhen(true)] out Share? share)
    {
        share = parts is [var index, var count] && TryNumber(index, out var i) && TryNumber(count, out var n) && n <= MostShares && i < n ? new(i, n) : null;
        return share is not null;
    }

    /// <summary>Slurm numbers its tasks from anywhere; Kubernetes from 0, and leaves the count to the manifest.</summary>
    private static bool TryFind(Func<string, string?> variable, [NotNullWhen(true)] out Share? share, out string problem)
    {
        problem = "no scheduler says which share this is; 'auto' reads PIPELINE_SHARE, SLURM_ARRAY_TASK_ID and SLURM_ARRAY_TASK_COUNT, or JOB_COMPLETION_INDEX and JOB_COMPLETIONS";
        if (variable("PIPELINE_SHARE") is { Length: > 0 } said)
        {
            problem = "PIPELINE_SHARE: " + Unlike(said);
            return TryRead(said.Split('/'), out share);
        }
        if (TryNumber(variable("SLURM_ARRAY_TASK_ID"), out var task) && TryNumber(variable("SLURM_ARRAY_TASK_COUNT"), out var tasks))
        {
            var step = TryNumber(variable("SLURM_ARRAY_TASK_STEP"), out var apart) ? Math.Max(1, apart) : 1;
            var first = TryNumber(variable("SLURM_ARRAY_TASK_MIN"), out var least) ? least : 0;
            share = task >= first && (task - first) / step < tasks ? new((task - first) / step, tasks) : null;
            return share is not null;
        }
        share = null;
        return TryNumber(variable("JOB_COMPLETION_INDEX"), out _) && TryRead([variable("JOB_COMPLETION_INDEX")!, variable("JOB_COMPLETIONS") ?? ""], out share);
    }

    private static bool TryNumber(string? text, out int number) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
