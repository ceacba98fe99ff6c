namespace Pipeline.Kit;

/// <summary>Breaks files on purpose, so that each judge is seen saying no.</summary>
public static class Damage
{
    public static void FlipBit(string path, long offsetBytes, byte mask = 1)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
        file.Position = offsetBytes;
        var value = file.ReadByte();
        file.Position = offsetBytes;
        file.WriteByte((byte)(value ^ mask));
    }
}
