using System.Globalization;
using Pipeline.Bench;

// One process measures one thing, so that its peak of memory is its own; tests/Bench/README.md lists the commands.
return args switch
{
    ["all", var bench, var input, var rounds] => new All(Path.GetFullPath(input), Path.GetFullPath(bench), int.Parse(rounds, CultureInfo.InvariantCulture)).Run(),
    ["floor", var layout, var scratch] => Measure.Run("floor", () => Floor.Run(layout, scratch)),
    ["unpack", var layout, var scratch] => await Measure.RunAsync("unpack", () => Unpack.RunAsync(layout, scratch)),
    ["boards", var layout, var board, var output, var count] =>
        await Measure.RunAsync("boards", () => Boards.RunAsync(layout, board, output, int.Parse(count, CultureInfo.InvariantCulture))),
    ["squashfs", var input, var rounds, .. var levels] => new Squash(Path.GetFullPath(input), int.Parse(rounds, CultureInfo.InvariantCulture)).Run(levels),
    ["pack", var root, var image, var kind, var level, var threads, .. var times] => Squash.Pack(root, image, [kind, level], threads, times is [var number] ? number : "1"),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Pipeline.Bench all BENCH-FOLDER INPUT ROUNDS | floor LAYOUT SCRATCH | unpack LAYOUT SCRATCH | boards LAYOUT BOARD OUTPUT COUNT | squashfs INPUT ROUNDS KIND:LEVEL... | pack ROOT IMAGE KIND LEVEL THREADS [TIMES]");
    return 2;
}
