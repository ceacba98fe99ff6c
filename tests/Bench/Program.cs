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
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Pipeline.Bench all BENCH-FOLDER INPUT ROUNDS | floor LAYOUT SCRATCH | unpack LAYOUT SCRATCH | boards LAYOUT BOARD OUTPUT COUNT");
    return 2;
}
