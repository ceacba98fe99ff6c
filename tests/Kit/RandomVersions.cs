namespace Pipeline.Kit;

/// <summary>Texts like versions, near each other on purpose: many share a beginning, and some are the same.</summary>
public sealed class RandomVersions(int seed, string[] parts)
{
    private readonly Random _random = new(seed);

    public string Next()
    {
        var text = "";
        for (var count = _random.Next(1, 7); count > 0; count--)
            text += parts[_random.Next(parts.Length)];
        return text;
    }

    public (string Left, string Right)[] Pairs(int count) => [.. Enumerable.Range(0, count).Select(_ => Pair())];

    private (string, string) Pair()
    {
        var (left, right) = (Next(), Next());
        return _random.Next(3) switch
        {
            0 => (left, left + right),
            1 => (left + right, left + Next()),
            _ => (left, right),
        };
    }
}
