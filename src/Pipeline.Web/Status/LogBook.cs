using System.Collections.Immutable;

namespace Pipeline.Web.Status;

public enum LogKind
{
    /// <summary>A piece of work ended.</summary>
    Work,

    /// <summary>Something happened.</summary>
    Note,
    Warning,
    Error,
}

/// <param name="Image">Null where it is about none.</param>
public sealed record LogLine(DateTimeOffset At, LogKind Kind, string? Image, string Text);

/// <summary>The last lines of what a controller told. Thread-safe; it keeps a fixed number of lines of bounded length.</summary>
public sealed class LogBook(TimeProvider clock)
{
    public const int Kept = 500;
    public const int LimitCharacters = 2000;
    private readonly Lock _lock = new();
    private readonly Queue<LogLine> _lines = new(Kept);

    /// <summary>The newest last.</summary>
    public ImmutableArray<LogLine> Lines
    {
        get
        {
            lock (_lock)
                return [.. _lines];
        }
    }

    public void Add(LogKind kind, string? image, string text)
    {
        lock (_lock)
        {
            if (_lines.Count >= Kept)
                _lines.Dequeue();
            _lines.Enqueue(new(clock.GetUtcNow(), kind, image, text.Length <= LimitCharacters ? text : text[..LimitCharacters] + "…"));
        }
    }
}
