using System.Diagnostics;
using System.Globalization;

namespace Pipeline.Bench;

/// <summary>Prints what a piece of work cost this process: wall and CPU seconds, peak memory, bytes given to write(2).</summary>
internal static class Measure
{
    public static int Run(string name, Func<string> work) => RunAsync(name, () => Task.FromResult(work())).GetAwaiter().GetResult();

    public static async Task<int> RunAsync(string name, Func<Task<string>> work)
    {
        var watch = Stopwatch.StartNew();
        var said = await work();
        watch.Stop();
        using var process = Process.GetCurrentProcess();
        var line = string.Create(CultureInfo.InvariantCulture,
            $"{name,-8} wall {watch.Elapsed.TotalSeconds,6:f2} s  cpu {process.TotalProcessorTime.TotalSeconds,6:f2} s  "
            + $"peak {Status("/proc/self/status", "VmHWM:") / 1024,5} MiB  written {Status("/proc/self/io", "wchar:") >> 20,6} MiB  {said}");
        Console.WriteLine(line);
        return 0;
    }

    private static long Status(string file, string key) =>
        long.Parse(File.ReadLines(file).First(l => l.StartsWith(key, StringComparison.Ordinal)).Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
}
