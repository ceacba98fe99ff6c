namespace Pipeline.Kit;

/// <summary>A system whose database is made by dpkg from packages that dpkg-deb made; needs no rights.</summary>
public sealed class DpkgSystem(string directory)
{
    public string RootPath => Path.Combine(directory, "root");

    /// <param name="fields">More lines of the control file, such as <c>Source: x (1.0)</c>.</param>
    public DpkgSystem Install(string name, string version, string architecture = "amd64", params string[] fields)
    {
        var folder = Path.Combine(directory, "build", $"{name}_{architecture}_{version.Replace(':', '%')}");
        Directory.CreateDirectory(Path.Combine(folder, "DEBIAN"));
        Directory.CreateDirectory(Path.Combine(folder, "usr/share", name));
        File.WriteAllText(Path.Combine(folder, "usr/share", name, architecture), version);
        File.WriteAllText(
            Path.Combine(folder, "DEBIAN/control"),
            $"Package: {name}\nVersion: {version}\nArchitecture: {architecture}\nMaintainer: T <t@example.invalid>\nInstalled-Size: 12\nHomepage: https://example.invalid/{name}\n"
            + string.Concat(fields.Select(f => f + "\n")) + "Description: words\n more words\n .\n Package: not-a-package\n");
        // A package that left its configuration is still in the database.
        Directory.CreateDirectory(Path.Combine(folder, "etc"));
        File.WriteAllText(Path.Combine(folder, "etc", name + "." + architecture), "x");
        File.WriteAllText(Path.Combine(folder, "DEBIAN/conffiles"), $"/etc/{name}.{architecture}\n");
        Tool.Require("dpkg-deb", "--root-owner-group", "-b", folder, folder + ".deb");
        Dpkg("--force-architecture", "-i", folder + ".deb");
        return this;
    }

    public DpkgSystem Remove(string name)
    {
        Dpkg("-r", name);
        return this;
    }

    public DpkgSystem Hold(string name)
    {
        var database = Database();
        File.WriteAllText(database, File.ReadAllText(database).Replace($"Package: {name}\nStatus: install ok installed", $"Package: {name}\nStatus: hold ok installed", StringComparison.Ordinal));
        return this;
    }

    /// <summary>What dpkg itself says is installed.</summary>
    public string[] Query() =>
        Tool.Require("dpkg-query", "--admindir", Path.Combine(RootPath, "var/lib/dpkg"), "-W", "-f", "${db:Status-Status} ${Package} ${Architecture} ${Version}\\n")
            .Split('\n').Where(l => l.StartsWith("installed ", StringComparison.Ordinal)).Select(l => l[10..]).Order(StringComparer.Ordinal).ToArray();

    private string Database() => Path.Combine(RootPath, "var/lib/dpkg/status");

    private void Dpkg(params string[] arguments)
    {
        if (!File.Exists(Database()))
        {
            Directory.CreateDirectory(Path.Combine(RootPath, "var/lib/dpkg/info"));
            Directory.CreateDirectory(Path.Combine(RootPath, "var/lib/dpkg/updates"));
            File.WriteAllText(Database(), "");
        }
        Tool.Require("dpkg", ["--root", RootPath, "--force-not-root", "--force-bad-path", "--force-depends", "--log", Path.Combine(directory, "log"), "--no-triggers", .. arguments]);
    }
}
