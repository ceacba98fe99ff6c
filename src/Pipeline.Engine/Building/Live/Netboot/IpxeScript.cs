namespace Pipeline.Engine.Building.Live.Netboot;

/// <summary>An iPXE script that starts a kernel with its initrd, from wherever the script itself came.</summary>
internal static class IpxeScript
{
    /// <summary>The setting that stands for the folder of the files, with a slash at its end.</summary>
    public const string BaseUrl = "${base-url}";

    /// <param name="stem">What the names of the files begin with.</param>
    /// <param name="baseUrl">Null is the folder that the script came from, as newer versions of iPXE know it.</param>
    public static string Text(string stem, string initrdName, IEnumerable<string> arguments, string? baseUrl) => $"""
        #!ipxe
        # Written from the manifest. base-url, where it is set before, is where the files lie, with a slash at its end.
        isset {BaseUrl} || set base-url {baseUrl ?? "${cwduri}"}
        isset {BaseUrl} || echo This iPXE cannot tell where the script came from: set base-url and chain it again
        isset {BaseUrl} || exit 1
        imgfree
        kernel {BaseUrl}{stem}.vmlinuz initrd={initrdName} {string.Join(' ', arguments)}
        initrd --name {initrdName} {BaseUrl}{initrdName}
        boot

        """;
}
