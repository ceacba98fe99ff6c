using System.Globalization;
using Pipeline.Engine.Reconciling.Shares;

namespace Pipeline.Cli.Reporting;

/// <summary>How many jobs a matrix may have, and in how many matrices.</summary>
/// <param name="Shards">Matrices; null is one, and no matrix of matrices.</param>
/// <param name="Jobs">In all.</param>
internal sealed record MatrixShape(int? Shards, int Jobs)
{
    /// <summary>GitHub's limit for one matrix.</summary>
    public const int MostOfOne = 256;

    public const int MostJobs = Share.MostShares;

    /// <summary><c>20</c>, <c>600</c>, <c>3x200</c>. The number alone decides the form, so that a workflow knows what it gets.</summary>
    public static bool TryParse(string text, out MatrixShape? shape)
    {
        shape = text.Split('x') switch
        {
            [var jobs] when TryNumber(jobs, MostJobs, out var n) => new(n <= MostOfOne ? null : (n + MostOfOne - 1) / MostOfOne, n),
            [var shards, var jobs] when TryNumber(shards, MostOfOne, out var s) && TryNumber(jobs, MostOfOne, out var n) && s * n <= MostJobs => new(s, s * n),
            _ => null,
        };
        return shape is not null;
    }

    private static bool TryNumber(string text, int most, out int number) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number) && number >= 1 && number <= most;
}
