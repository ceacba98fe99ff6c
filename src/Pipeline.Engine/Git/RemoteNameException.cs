namespace Pipeline.Engine.Git;

/// <summary>The other side answers and has nothing by this name: asking again does not help.</summary>
public sealed class RemoteNameException(string message) : IOException(message);
