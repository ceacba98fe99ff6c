using System.Globalization;

namespace Pipeline.Engine.Drawing;

/// <summary>A number of bytes that loses nothing: in the largest unit of which it is a whole number, as manifests write it.</summary>
internal static class ExactSize
{
    private static readonly string[] Units = ["B", "KiB", "MiB", "GiB", "TiB"];

    public static string Of(long bytes)
    {
        var unit = 0;
        while (unit < Units.Length - 1 && bytes != 0 && bytes % 1024 == 0)
            (bytes, unit) = (bytes / 1024, unit + 1);
        return string.Create(CultureInfo.InvariantCulture, $"{bytes} {Units[unit]}");
    }
}
