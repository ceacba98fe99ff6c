namespace Pipeline.Cli;

/// <summary>The arguments or the environment make no sense, as is only seen while the verb runs. <c>Program</c> prints the message and ends with 2.</summary>
#pragma warning disable CA1064 // It never leaves this program.
internal sealed class UsageException(string message) : Exception(message);
#pragma warning restore CA1064
