using System.Text.Json;

namespace Pipeline.Kit;

/// <summary>One job of <c>plan --matrix</c>.</summary>
public sealed record MatrixJob(string Share, int Index, int Targets, IReadOnlyList<string> Images, string Ids)
{
    /// <summary>The jobs of a matrix, or of all matrices in a matrix of matrices, as a workflow takes them apart.</summary>
    public static IReadOnlyList<MatrixJob> Read(string matrix) =>
        [.. Include(matrix).SelectMany(e => e.TryGetProperty("matrix", out var inner) ? Include(inner.GetString()!) : [e]).Select(Of)];

    private static List<JsonElement> Include(string matrix) => [.. JsonDocument.Parse(matrix).RootElement.GetProperty("include").EnumerateArray()];

    private static MatrixJob Of(JsonElement job) => new(
        job.GetProperty("share").GetString()!, job.GetProperty("index").GetInt32(), job.GetProperty("targets").GetInt32(),
        job.GetProperty("images").GetString()!.Split(' '), job.GetProperty("ids").GetString()!);
}
