namespace Pipeline.Engine.Resolving;

/// <summary>Tells failures of the outside (network, disk, a server that answers nonsense) from bugs of ours.</summary>
public static class Outside
{
    private const int LimitCharacters = 300;

    /// <summary>A cancellation that the user did not ask for is a client's timeout.</summary>
    public static bool IsToBlame(Exception e, CancellationToken ct) =>
        e is HttpRequestException or IOException or InvalidDataException or UnauthorizedAccessException or TimeoutException
        || (e is OperationCanceledException && !ct.IsCancellationRequested);

    /// <summary>One line: the message, and what caused it where that says more.</summary>
    public static string Describe(Exception e)
    {
        var text = e.InnerException is { } inner && !e.Message.Contains(inner.Message, StringComparison.Ordinal)
            ? $"{e.Message.TrimEnd('.')}: {inner.Message}"
            : e.Message;
        var line = text.ReplaceLineEndings(" ").TrimEnd('.');
        return line.Length <= LimitCharacters ? line : line[..LimitCharacters] + "…";
    }
}
