using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Flashing.Images;

/// <summary>Flashing cannot go on, for a reason that the user is told. Never leaves this room.</summary>
#pragma warning disable CA1064 // It never leaves this room.
internal sealed class FlashException(Diagnostic diagnostic) : Exception(diagnostic.Message)
#pragma warning restore CA1064
{
    public FlashException(Rule rule, params ReadOnlySpan<object?> arguments)
        : this(Diagnostic.Create(rule, null, arguments))
    {
    }

    public Diagnostic Diagnostic { get; } = diagnostic;
}
