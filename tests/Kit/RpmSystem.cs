using System.Text;

namespace Pipeline.Kit;

/// <param name="Version">Without the epoch: <c>1.0-1.fc40</c>.</param>
public sealed record RpmSpec(string Name, string Version)
{
    public int? Epoch { get; init; }

    public string Architecture { get; init; } = "x86_64";

    public string License { get; init; } = "MIT";

    /// <summary>Names of subpackages of the same source: <c>libs</c> for <c>NAME-libs</c>.</summary>
    public string[] Parts { get; init; } = [];

    /// <summary>Something that makes another build of the same version.</summary>
    public string Note { get; init; } = "";
}

/// <summary>A system whose database is made by rpm from packages that rpmbuild made; needs no rights, because nothing but the database is installed.</summary>
public sealed class RpmSystem(string directory)
{
    public const string DatabaseDirectory = "usr/lib/sysimage/rpm";

    public string RootPath => Path.Combine(directory, "root");

    public string DatabasePath => Path.Combine(RootPath, DatabaseDirectory, "rpmdb.sqlite");

    public RpmSystem Install(params RpmSpec[] specs) => Rpm("-i", specs);

    /// <summary>Upgrades, downgrades or installs again.</summary>
    public RpmSystem Upgrade(params RpmSpec[] specs) => Rpm("-U", specs);

    public RpmSystem Erase(params string[] names)
    {
        Tool.Require("rpm", ["--dbpath", DatabaseFolder(), "--justdb", "--nodeps", "--noscripts", "-e", .. names]);
        return this;
    }

    /// <summary>What rpm itself says is installed, a line each.</summary>
    public string[] Query(string format) =>
        Tool.Require("rpm", "--dbpath", DatabaseFolder(), "-qa", "--qf", format + "\\n").Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private RpmSystem Rpm(string verb, RpmSpec[] specs)
    {
        var files = specs.SelectMany(Build).ToArray();
        Tool.Require("rpm", ["--dbpath", DatabaseFolder(), "--justdb", "--nodeps", "--noscripts", "--ignorearch", "--ignoreos", "--oldpackage", "--replacepkgs", verb, .. files]);
        return this;
    }

    private string DatabaseFolder() => Directory.CreateDirectory(Path.Combine(RootPath, DatabaseDirectory)).FullName;

    private string[] Build(RpmSpec spec)
    {
        var top = Path.Combine(directory, "build", $"{spec.Name}-{spec.Version}-{spec.Architecture}-{spec.Note}");
        Directory.CreateDirectory(top);
        var hyphen = spec.Version.LastIndexOf('-');
        var text = new StringBuilder();
        if (spec.Epoch is { } epoch)
            text.Append($"Epoch: {epoch}\n");
        text.Append($"Name: {spec.Name}\nVersion: {spec.Version[..hyphen]}\nRelease: {spec.Version[(hyphen + 1)..]}\n");
        text.Append($"Summary: {spec.Name} {spec.Note}\nLicense: {spec.License}\nURL: https://example.invalid/{spec.Name}\n");
        if (spec.Architecture == "noarch")
            text.Append("BuildArch: noarch\n");
        text.Append("%description\nx\n%files\n");
        foreach (var part in spec.Parts)
            text.Append($"%package {part}\nSummary: {part}\n%description {part}\nx\n%files {part}\n");
        var file = Path.Combine(top, "package.spec");
        File.WriteAllText(file, text.ToString());
        var target = spec.Architecture == "noarch" ? "x86_64" : spec.Architecture;
        Tool.Require("rpmbuild", "-bb", "--quiet", "--target", target + "-linux", "--define", $"_topdir {top}", "--define", "_build_id_links none", file);
        return Directory.GetFiles(top, "*.rpm", SearchOption.AllDirectories);
    }
}
