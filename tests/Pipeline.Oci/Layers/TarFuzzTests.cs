using Pipeline.Core.Diagnostics;
using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Oci.Layers;

/// <summary>Broken tars end in <see cref="InvalidDataException"/> or complaints, at a bounded cost, whatever is broken.</summary>
public sealed class TarFuzzTests
{
    private const int Rounds = 4000;

    /// <summary>What one broken tar may allocate: a header may promise much, and is not believed. A count, as a limit of time would depend on the machine.</summary>
    private const long MostBytes = 16 << 20;

    [Fact]
    public void Flipped_and_truncated_tars_end_in_order()
    {
        var seed = Environment.TickCount;
        var random = new Random(seed);
        var whole = Sample();
        for (var round = 0; round < Rounds; round++)
        {
            var tar = whole[..(round % 3 == 0 ? random.Next(whole.Length) : whole.Length)];
            for (var flips = random.Next(4); flips > 0 && tar.Length > 0; flips--)
                tar[random.Next(tar.Length)] = (byte)random.Next(256);
            if (round % 2 == 0)
                Reseal(tar);
            var before = GC.GetAllocatedBytesForCurrentThread();
            Should.NotThrow(() => Index(tar, 1 + random.Next(5000)), $"seed {seed}, round {round}");
            (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(MostBytes, $"seed {seed}, round {round}");
        }
    }

    [Fact]
    public void Pieces_of_any_length_mean_the_same()
    {
        var whole = Sample();
        var expected = Index(whole, whole.Length);
        expected.ShouldNotBeNull();
        foreach (var piece in new[] { 1, 7, 511, 512, 513, 4096 })
            Index(whole, piece).ShouldBe(expected);
    }

    private static byte[] Sample() => new TarBuilder(TarDialect.Gnu).Directory("d").File("d/" + new string('l', 120), "x").Whiteout("d/y")
        .Add(new TarItem("p") { Xattrs = [("user.a", new byte[600])], Records = [("mtime", "-1.5"u8.ToArray())] })
        .Sparse(SparseForm.OldGnu, new TarItem("s"), new byte[20_000], [.. Enumerable.Range(0, 30).Select(i => (i * 600L, 100L))])
        .Sparse(SparseForm.Pax10, new TarItem("t"), new byte[20_000], [(512, 1024), (4096, 100)]).HardLink("h", "p").ToArray();

    // With right checksums the damage reaches what lies behind them.
    private static void Reseal(byte[] tar)
    {
        for (var at = 0; at + 512 <= tar.Length; at += 512)
        {
            var header = tar[at..(at + 512)];
            if (!header.AsSpan(257, 5).SequenceEqual("ustar"u8))
                continue;
            TarBuilder.Seal(header);
            header.CopyTo(tar, at);
        }
    }

    /// <summary>The entries as text; null for a broken tar. Any other exception is a bug.</summary>
    private static string? Index(byte[] tar, int piece)
    {
        var bag = new DiagnosticBag();
        var maker = new EntryMaker("layer", bag);
        var indexer = new TarIndexer(new MemorySource(tar), 0, maker);
        try
        {
            for (var at = 0; at < tar.Length; at += piece)
                indexer.Feed(tar.AsSpan(at, Math.Min(piece, tar.Length - at)));
            indexer.Complete();
        }
        catch (InvalidDataException)
        {
            return null;
        }
        var merger = new LayerMerger(bag);
        merger.Apply(new("layer", maker.Entries));
        return string.Join('\n', merger.Tree.Walk().Select(n => n.Path)) + "\n" + maker.Entries.Count;
    }
}
