using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline;

/// <summary>Who may know whom: between assemblies, between the rooms of the engine, and of the outside. Each rule is seen failing once.</summary>
public sealed partial class ArchitectureTests
{
    private static readonly Dictionary<string, string[]> Assemblies = new(StringComparer.Ordinal)
    {
        ["Pipeline.Core"] = [],
        ["Pipeline.Disk"] = ["Pipeline.Core"],
        ["Pipeline.Oci"] = ["Pipeline.Core"],
        ["Pipeline.Engine"] = ["Pipeline.Disk", "Pipeline.Oci"],
        ["Pipeline.Web"] = ["Pipeline.Engine"],
        ["Pipeline.Cli"] = ["Pipeline.Engine", "Pipeline.Web"],
    };

    /// <summary>Each room names only rooms to its left. Those that are not in the line name what is listed beside them.</summary>
    private static readonly string[] Line = ["Git", "Inventories", "Manifests", "Planning", "Resolving", "Building", "Publishing", "Reconciling"];

    private static readonly Dictionary<string, string[]> Aside = new(StringComparer.Ordinal)
    {
        ["Manifests"] = [],
        ["Inventories"] = [],
        ["Building"] = ["Manifests", "Planning", "Git", "Inventories"],
        ["Inspecting"] = [],
        ["Flashing"] = ["Planning", "Publishing"],
        ["Verifying"] = ["Manifests", "Planning", "Resolving", "Building", "Publishing", "Opening"],
        ["Listing"] = ["Manifests", "Planning", "Publishing"],
        ["Drawing"] = ["Manifests", "Inspecting"],
        ["Scaffolding"] = ["Manifests"],
        ["Opening"] = ["Git", "Manifests"],
        ["Comparing"] = ["Git", "Manifests", "Planning", "Resolving"],
    };

    /// <summary>A word of the outside, and the only folders whose code may say it.</summary>
    private static readonly (Regex Word, string[] Folders)[] Reserved =
    [
        (YamlDotNetWord(), ["Pipeline.Engine/Manifests/Yaml"]),
        (HttpClientWord(), ["Pipeline.Oci/Registry", "Pipeline.Engine/Publishing"]),
        (ConsoleWord(), ["Pipeline.Cli"]),
        (UnsafeWord(), ["Pipeline.Core/Compression"]),
    ];

    [Fact]
    public void The_house_keeps_its_rules() => Violations(SourceRoot()).ShouldBeEmpty();

    [Theory]
    [InlineData("a room to the right", "Pipeline.Engine/Planning/X.cs", "using Pipeline.Engine.Publishing;", "Planning names Publishing")]
    [InlineData("a room in a qualified name", "Pipeline.Engine/Manifests/X.cs", "class X { Pipeline.Engine.Building.Artifact? A; }", "Manifests names Building")]
    [InlineData("a room in a short name", "Pipeline.Engine/Manifests/Deep/X.cs", "class X { Building.Artifact? A; }", "Manifests names Building")]
    [InlineData("a room aside", "Pipeline.Engine/Inspecting/X.cs", "using Pipeline.Engine.Manifests;", "Inspecting names Manifests")]
    [InlineData("a card is written without building", "Pipeline.Engine/Flashing/X.cs", "using Pipeline.Engine.Building.Outputs;", "Flashing names Building")]
    [InlineData("a leaf", "Pipeline.Engine/Git/X.cs", "using Pipeline.Engine.Manifests.Models;", "Git names Manifests")]
    [InlineData("a room nobody knows", "Pipeline.Engine/Attic/X.cs", "namespace X;", "Attic is not in the plan of the house")]
    [InlineData("YAML elsewhere", "Pipeline.Engine/Manifests/Reading/X.cs", "using YamlDotNet.Core;", "says YamlDotNet")]
    [InlineData("HTTP elsewhere", "Pipeline.Engine/Building/X.cs", "class X { HttpClient? C; }", "says HttpClient")]
    [InlineData("the console elsewhere", "Pipeline.Engine/Reconciling/X.cs", "class X { void Y() => Console.WriteLine(); }", "says Console")]
    [InlineData("unsafe elsewhere", "Pipeline.Disk/Ext4/X.cs", "unsafe class X;", "says unsafe")]
    [InlineData("Disk knows Oci", "Pipeline.Disk/Pipeline.Disk.csproj", "<Project><ItemGroup><ProjectReference Include=\"../Pipeline.Oci/Pipeline.Oci.csproj\" /></ItemGroup></Project>", "Pipeline.Disk references Pipeline.Oci")]
    [InlineData("the core takes a package", "Pipeline.Core/Pipeline.Core.csproj", "<Project><ItemGroup><PackageReference Include=\"Polly.Core\" /></ItemGroup></Project>", "Pipeline.Core takes package Polly.Core")]
    [InlineData("a new assembly", "Pipeline.Attic/Pipeline.Attic.csproj", "<Project />", "Pipeline.Attic is not in the plan of the house")]
    public void Each_rule_can_say_no(string what, string file, string text, string complaint)
    {
        using var temp = new TempDir();
        Directory.CreateDirectory(Path.GetDirectoryName(temp[file])!);
        File.WriteAllText(temp[file], text);
        Violations(temp.Path).ShouldHaveSingleItem(what).ShouldContain(complaint);
    }

    [Fact]
    public void Comments_and_longer_words_are_no_violation()
    {
        using var temp = new TempDir();
        Directory.CreateDirectory(temp["Pipeline.Disk/Fat"]);
        File.WriteAllText(temp["Pipeline.Disk/Fat/X.cs"], "// not unsafe, no Console\n/// HttpClient\nclass X { HttpRequestException? AnsiConsoles; }");
        Violations(temp.Path).ShouldBeEmpty();
    }

    private static ImmutableArray<string> Violations(string root) =>
    [
        .. Directory.EnumerateFiles(root, "*.csproj", SearchOption.AllDirectories).SelectMany(p => ReferenceViolations(p)),
        .. Sources(root).SelectMany(s => RoomViolations(s.File, s.Code).Concat(WordViolations(s.File, s.Code))),
    ];

    private static IEnumerable<string> ReferenceViolations(string project)
    {
        var name = Path.GetFileNameWithoutExtension(project);
        if (!Assemblies.TryGetValue(name, out var allowed))
            return [$"{name} is not in the plan of the house"];
        var document = XDocument.Load(project);
        var references = Included(document, "ProjectReference").Select(r => Path.GetFileNameWithoutExtension(r.Replace('\\', '/'))).Except(allowed)
            .Select(r => $"{name} references {r}");
        var packages = name is "Pipeline.Core" or "Pipeline.Disk" or "Pipeline.Oci" ? Included(document, "PackageReference").Select(p => $"{name} takes package {p}") : [];
        return [.. references, .. packages];
    }

    private static IEnumerable<string> Included(XDocument project, string element) =>
        project.Descendants(element).Select(e => (string)e.Attribute("Include")!);

    private static IEnumerable<string> RoomViolations(string file, string code)
    {
        if (file.Split('/') is not ["Pipeline.Engine", var room, _, ..])
            return [];
        var allowed = Aside.TryGetValue(room, out var aside) ? aside
            : Array.IndexOf(Line, room) is var place and >= 0 ? Line[..place]
            : null;
        if (allowed is null)
            return [$"{room} is not in the plan of the house ({file})"];
        var rooms = Line.Concat(Aside.Keys).Distinct();
        return rooms.Where(r => r != room && !allowed.Contains(r) && Names(code, r)).Select(r => $"{room} names {r} ({file})");
    }

    /// <summary>In full, or short: within <c>namespace Pipeline.Engine.X</c> the neighbour's name alone will do.</summary>
    private static bool Names(string code, string room) =>
        code.Contains($"Pipeline.Engine.{room}", StringComparison.Ordinal) || Regex.IsMatch(code, $@"(?<![\w.""]){room}\.[A-Z]\w*");

    private static IEnumerable<string> WordViolations(string file, string code) =>
        from rule in Reserved
        where !rule.Folders.Any(f => file.StartsWith(f + "/", StringComparison.Ordinal))
        let found = rule.Word.Match(code)
        where found.Success
        select $"{file} says {found.Value}";

    private static IEnumerable<(string File, string Code)> Sources(string root) =>
        from path in Directory.EnumerateFiles(root, "*.cs", SearchOption.AllDirectories)
        let file = Path.GetRelativePath(root, path).Replace('\\', '/')
        where !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal)
        select (file, Comment().Replace(File.ReadAllText(path), ""));

    private static string SourceRoot([CallerFilePath] string thisFile = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(thisFile)!, "..", "src"));

    [GeneratedRegex(@"^\s*//.*$|\s//\s.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\bYamlDotNet\b")]
    private static partial Regex YamlDotNetWord();

    [GeneratedRegex(@"\b(HttpClient|SocketsHttpHandler)\b")]
    private static partial Regex HttpClientWord();

    [GeneratedRegex(@"\bConsole\b")]
    private static partial Regex ConsoleWord();

    [GeneratedRegex(@"\bunsafe\b")]
    private static partial Regex UnsafeWord();
}
