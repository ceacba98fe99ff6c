using System.Globalization;
using System.Runtime.InteropServices;

namespace Pipeline.Bench;

/// <summary>
/// Everything in one run and one table: every program in turn, as many rounds as asked, medians, ratios to the floor of
/// the same rounds. Each program is a process of its own, its result is deleted before the next one begins.
/// </summary>
internal sealed class All(string input, string bench, int rounds)
{
    private readonly string _scratch = Path.Combine(input, "scratch");
    private readonly string _umociDirectory = Path.Combine(input, "unpacked");
    private readonly List<(string Kind, string Name)> _order = [];
    private readonly Dictionary<(string Kind, string Name), List<Cost>> _costs = [];

    private static string Self => Environment.ProcessPath!;

    private static string Product => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../Pipeline.Cli/release/pipeline"));

    public int Run()
    {
        if (!Directory.Exists(Path.Combine(input, "gzip")) || !Directory.Exists(Path.Combine(input, "zstd")))
            Child.Run(Path.Combine(bench, "make-input"), input);
        for (var round = 0; round < rounds; round++)
        {
            foreach (var kind in (string[])["gzip", "zstd"])
                Ours(kind);
            Others();
            Console.Error.WriteLine($"round {round + 1} of {rounds} is done");
        }
        Print();
        return 0;
    }

    private void Ours(string kind)
    {
        var layout = Path.Combine(input, kind);
        var board = Path.Combine(bench, "board.yaml");
        Time(kind, "floor", Self, "floor", layout, _scratch);
        Time(kind, "pipeline build", Product, "build", "--from", $"oci:{layout}", "--board", board, "-o", Path.Combine(_scratch, "disk.img"));
        Time(kind, "one board", Self, "boards", layout, board, _scratch, "1");
        Time(kind, "two boards", Self, "boards", layout, board, _scratch, "2");
    }

    /// <summary>umoci reads gzip only; what it unpacked is the input of the tools that start from a directory or a flat tar.</summary>
    private void Others()
    {
        Clear(_umociDirectory);
        var image = Path.Combine(_scratch, "root.img");
        var root = Path.Combine(_umociDirectory, "rootfs");
        var tar = Path.Combine(input, "flat.tar");
        string[] unpack = Environment.IsPrivilegedProcess ? [] : ["--rootless"];
        var mke2fs = $"mke2fs -q -t ext4 -d '{root}' '{image}' 2500M";
        Time("gzip", "umoci unpack, mke2fs -d", "/bin/sh", "-ec",
            $"umoci unpack {string.Join(' ', unpack)} --image '{Path.Combine(input, "gzip")}:bench' '{_umociDirectory}'; {mke2fs}");
        Time("directory", "mke2fs -d", "/bin/sh", "-ec", mke2fs);
        if (!File.Exists(tar))
            Child.Run("tar", "-C", root, "--sort=name", "--numeric-owner", "-cf", tar, ".");
        Time("flat tar", "tar2sqfs", "/bin/sh", "-ec", $"tar2sqfs -q -f -c zstd -X level=3 '{image}' < '{tar}'");
        Clear(_umociDirectory);
    }

    private void Time(string kind, string name, params string[] command)
    {
        Clear(_scratch);
        Directory.CreateDirectory(_scratch);
        if (_costs.TryAdd((kind, name), []))
            _order.Add((kind, name));
        var cost = Child.Run(command);
        _costs[(kind, name)].Add(cost);
        Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{kind} {name}: wall {cost.Wall:f1} s, CPU {cost.Cpu:f1} s, peak {cost.PeakMiB:f0} MiB"));
        Clear(_scratch);
    }

    private void Print()
    {
        Console.WriteLine($"{Environment.ProcessorCount} cores, {RuntimeInformation.FrameworkDescription}, {rounds} rounds, medians.\n");
        Console.WriteLine("| input | program | wall s | CPU s | peak MiB | written MiB | wall / floor | CPU / floor |");
        Console.WriteLine("| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |");
        var median = _costs.ToDictionary(c => c.Key, c => Cost.Median(c.Value));
        foreach (var (kind, name) in _order)
        {
            var floor = median.GetValueOrDefault((kind, "floor"));
            Row(kind, name, median[(kind, name)], floor);
            if (name == "two boards")
                Row(kind, "the second of them", median[(kind, name)].Minus(median[(kind, "one board")]), floor);
        }
        Console.WriteLine();
        foreach (var kind in (string[])["gzip", "zstd"])
            Ratio($"{kind}: second board / first (wall)", median[(kind, "two boards")].Wall / median[(kind, "one board")].Wall - 1);
        Ratio("gzip: umoci and mke2fs / pipeline build (wall)", median[("gzip", "umoci unpack, mke2fs -d")].Wall / median[("gzip", "pipeline build")].Wall);
    }

    private static void Ratio(string name, double value) => Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{name}: {value:f2}"));

    private static void Row(string kind, string name, Cost cost, Cost? floor)
    {
        string Over(double value, double? other) => other is { } o ? (value / o).ToString("f2", CultureInfo.InvariantCulture) : "";
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"| {kind} | {name} | {cost.Wall:f1} | {cost.Cpu:f1} | {cost.PeakMiB:f0} | {cost.WrittenMiB:f0} | {Over(cost.Wall, floor?.Wall)} | {Over(cost.Cpu, floor?.Cpu)} |"));
    }

    private static void Clear(string directory)
    {
        if (Directory.Exists(directory))
            Directory.Delete(directory, recursive: true);
    }
}
