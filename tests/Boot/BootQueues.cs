namespace Pipeline.Boot;

/// <summary>
/// Two queues of boots: the tests of one queue run one after the other, so that at most two machines are emulated beside
/// the other tests. The slowest machine has a queue of its own.
/// </summary>
public static class BootQueues
{
    public const string First = "boots, first queue";

    public const string Second = "boots, second queue";
}
