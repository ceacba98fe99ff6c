using System.Diagnostics;
using Pipeline.Core.Blocks;
using Pipeline.Disk.Gpt;
using Shouldly;

namespace Pipeline.Kit;

/// <summary>Small disk images made by real tools (4096-byte sectors by ours), with data here and there.</summary>
public static class DiskImages
{
    public const long MiB = 1 << 20;

    /// <summary>Partitions at 2 MiB and 8 MiB; data in both, at the very end of the second, and a hole between.</summary>
    public static void Make(string path, string table, long lengthBytes = 24 * MiB)
    {
        using (var file = File.Create(path))
            file.SetLength(lengthBytes);
        if (table == "gpt-4096")
            WriteGpt4096(path, lengthBytes);
        else if (table == "gpt")
            Tool.Require("sgdisk", "--new", "1:4096:8191", "--new", $"2:16384:{(lengthBytes - MiB) / 512 - 1}", path);
        else
            Tool.Run(new ProcessStartInfo("sfdisk", ["-q", path]), $"label: dos\nstart=4096,size=4096\nstart=16384,size={(lengthBytes - 9 * MiB) / 512}\n").ExitCode.ShouldBe(0);
        Fill(path, 2 * MiB + 100, 700_000, 3);
        Fill(path, 8 * MiB, 1_500_000, 5);
        Fill(path, lengthBytes - MiB - 5000, 5000, 7);
    }

    public static void Pack(string path, string packing)
    {
        switch (packing)
        {
            case "zst": Tool.Require("zstd", "-q", "--rm", path); break;
            case "xz": Tool.Require("xz", "-0", path); break;
            case "gz": Tool.Require("gzip", "-1", path); break;
        }
    }

    /// <summary>Bytes that no compressor makes nothing of, and no two blocks alike.</summary>
    public static void Fill(string path, long offset, int length, int seed)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write);
        RandomAccess.Write(file, bytes, offset);
    }

    private static void WriteGpt4096(string path, long lengthBytes)
    {
        File.Delete(path);
        using var sink = FileSink.Open(path, lengthBytes);
        GptWriter.Write(
            new GptTable
            {
                DiskGuid = new("01234567-89ab-8def-8123-456789abcdef"), SectorBytes = 4096, DiskBytes = lengthBytes, FirstUsableLba = 6,
                Slots =
                [
                    new("a", new("0fc63daf-8483-4772-8e79-3d69d8477de4"), new("aaaaaaaa-0000-8000-8000-000000000001"), 512, 1023, 0),
                    new("b", new("0fc63daf-8483-4772-8e79-3d69d8477de4"), new("aaaaaaaa-0000-8000-8000-000000000002"), 2048, lengthBytes / 4096 - 257, 0),
                ],
            },
            sink);
    }
}
