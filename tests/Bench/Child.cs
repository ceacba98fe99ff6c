using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Bench;

/// <param name="Cpu">User and system seconds of the process and all it waited for.</param>
/// <param name="PeakMiB">Resident memory of the largest process.</param>
/// <param name="WrittenMiB">Bytes given to write(2) and its kin, by all processes.</param>
internal sealed record Cost(double Wall, double Cpu, double PeakMiB, double WrittenMiB)
{
    /// <summary>Of each number the median, by itself.</summary>
    public static Cost Median(IReadOnlyList<Cost> costs) =>
        new(Middle(costs, c => c.Wall), Middle(costs, c => c.Cpu), Middle(costs, c => c.PeakMiB), Middle(costs, c => c.WrittenMiB));

    public Cost Minus(Cost other) => new(Wall - other.Wall, Cpu - other.Cpu, PeakMiB, WrittenMiB - other.WrittenMiB);

    private static double Middle(IReadOnlyList<Cost> costs, Func<Cost, double> number)
    {
        var sorted = costs.Select(number).Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}

/// <summary>
/// Runs a command and says what it cost. GNU time is its parent, so that the peak is not that of this process; the
/// kernel's account of the shell above has what all of them wrote.
/// </summary>
internal static class Child
{
    private const string Script = """/usr/bin/time -q -o "$0" -f '%e %U %S %M' "$@" >&2; code=$?; grep wchar: /proc/$$/io >> "$0"; exit $code""";

    public static Cost Run(params string[] command)
    {
        var report = Path.GetTempFileName();
        try
        {
            var start = new ProcessStartInfo("/bin/bash", ["-c", Script, report, .. command]) { RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var said = process.StandardError.ReadToEnd();
            process.WaitForExit();
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"{string.Join(' ', command)} ended with {process.ExitCode}:\n{said}");
            var numbers = File.ReadAllText(report).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            double Number(int i) => double.Parse(numbers[i], CultureInfo.InvariantCulture);
            return new(Number(0), Number(1) + Number(2), Number(3) / 1024, Number(5) / (1 << 20));
        }
        finally
        {
            File.Delete(report);
        }
    }
}
