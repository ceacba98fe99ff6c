using Pipeline.Bench;

// One process measures one thing, so that its peak of memory is its own; tests/Bench/README.md lists the commands.
return args switch
{
    ["floor", var layout, var scratch] => Measure.Run("floor", () => Floor.Run(layout, scratch)),
    ["unpack", var layout, var scratch] => await Measure.RunAsync("unpack", () => Unpack.RunAsync(layout, scratch)),
    _ => Usage(),
};

static int Usage()
{
    Console.Error.WriteLine("usage: Pipeline.Bench floor LAYOUT SCRATCH | unpack LAYOUT SCRATCH");
    return 2;
}
