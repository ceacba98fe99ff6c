namespace Pipeline.Cli;

/// <summary>What the process ends with. Scripts depend on the numbers: never change one.</summary>
internal enum ExitCode
{
    Done = 0,

    /// <summary>A manifest, a board or an argument's content must be mended.</summary>
    Mend = 1,
    WrongArguments = 2,

    /// <summary>The outside failed; the same command may work later.</summary>
    TryAgain = 3,

    /// <summary>Some images failed, the others are done.</summary>
    PartlyDone = 4,

    /// <summary>A bug of ours.</summary>
    Bug = 70,
    Cancelled = 130,
}
