namespace Pipeline.Engine.Building;

/// <summary>
/// The version of what this engine makes of the same inputs. It is one of the inputs (<c>engine.format</c>): whoever
/// changes a byte of any output for unchanged inputs must raise it, and everything is rebuilt once.
/// </summary>
public static class EngineFormat
{
    public const string Version = "3";
}
