namespace Pipeline.Kit;

/// <summary>A system whose database is made by pacman; fakeroot, because pacman wants to be root even for a database alone.</summary>
public sealed class PacmanSystem(string directory)
{
    public string RootPath => Path.Combine(directory, "root");

    public PacmanSystem Install(string name, string version, string source)
    {
        var work = Directory.CreateDirectory(Path.Combine(directory, "build")).FullName;
        File.WriteAllText(
            Path.Combine(work, ".PKGINFO"),
            $"pkgname = {name}\npkgbase = {source}\npkgver = {version}\npkgdesc = words\nurl = https://example.invalid/{name}\nbuilddate = 1700000000\nsize = 4096\narch = x86_64\nlicense = GPL-2.0-or-later\nlicense = MIT\n");
        var archive = Path.Combine(work, $"{name}.pkg.tar.gz");
        Tool.Require("tar", "-czf", archive, "-C", work, ".PKGINFO");
        var settings = Path.Combine(work, "pacman.conf");
        File.WriteAllText(settings, "[options]\nArchitecture = x86_64\nSigLevel = Never\nLocalFileSigLevel = Never\n");
        Directory.CreateDirectory(Path.Combine(RootPath, "var/lib/pacman"));
        Tool.Require(
            "fakeroot", "pacman", "--config", settings, "--root", RootPath, "--dbpath", Path.Combine(RootPath, "var/lib/pacman"), "--hookdir", Path.Combine(work, "hooks"),
            "--cachedir", Path.Combine(work, "cache"), "--logfile", Path.Combine(work, "log"), "--gpgdir", Path.Combine(work, "gpg"),
            "--noconfirm", "--noscriptlet", "--dbonly", "-U", archive);
        return this;
    }
}
