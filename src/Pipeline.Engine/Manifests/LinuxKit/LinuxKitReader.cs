using System.Collections.Immutable;
using System.Globalization;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.Models;
using Pipeline.Engine.Manifests.Reading;
using Pipeline.Engine.Manifests.Schema;
using Pipeline.Engine.Manifests.Yaml;

namespace Pipeline.Engine.Manifests.LinuxKit;

/// <summary>
/// Reads the files of a source <c>linuxkit:FILE[,FILE…]</c>: each judged by the schema, then merged, then read. All
/// mistakes of all files are told in one run, each at its place.
/// </summary>
public static class LinuxKitReader
{
    public const string Scheme = "linuxkit:";

    /// <summary>Far above any real system; each file is bounded by itself.</summary>
    private const int MaxFiles = 64;

    public static bool Is(ImageSource source) => source.Text.StartsWith(Scheme, StringComparison.Ordinal);

    /// <param name="source">Its text begins with <see cref="Scheme"/>; paths count from its base directory.</param>
    /// <param name="rootPath">The repository, absolute: places are relative to it.</param>
    public static Result<LinuxKitDocument> Read(ImageSource source, string rootPath)
    {
        var bag = new DiagnosticBag();
        var document = Read(source, rootPath, bag);
        return bag.HasErrors || document is null ? Result<LinuxKitDocument>.Failed(bag.ToImmutable()) : new(document, bag.ToImmutable());
    }

    private static LinuxKitDocument? Read(ImageSource source, string rootPath, DiagnosticBag bag)
    {
        var names = source.Text[Scheme.Length..].Split(',');
        if (names.Length > MaxFiles)
            bag.Add(LinuxKitRules.NotHere, source.Span, Message.Quote(source.Text), $"it names {names.Length} files, at most {MaxFiles} are read");
        var files = names.Take(MaxFiles).Select(n => ReadFile(n, source, rootPath, bag)).ToList();
        if (bag.HasErrors || files.Exists(f => f is null))
            return null;
        var tree = LinuxKitMerge.Merge([.. files.OfType<YamlMap>()]);
        var document = new Merged(tree, rootPath, bag).Read();
        LinuxKitChecks.Run(tree, document, bag);
        return document;
    }

    private static YamlMap? ReadFile(string name, ImageSource source, string rootPath, DiagnosticBag bag)
    {
        if (Path(name, source, rootPath, bag) is not { } path)
            return null;
        if (YamlReader.ReadFile(path, RepositoryPath.Relative(path, rootPath), rootPath, bag) is not { } node)
            return null;
        bag.AddRange(ManifestSchema.LinuxKit.Validate(node));
        return node as YamlMap;
    }

    private static string? Path(string name, ImageSource source, string rootPath, DiagnosticBag bag)
    {
        var elsewhere = name switch
        {
            "" => "its name is empty",
            "-" => "standard input is gone when somebody builds it again",
            _ when name.Contains("://", StringComparison.Ordinal) => "what a server sends can change at any time",
            _ when name.Contains('\0') || System.IO.Path.IsPathRooted(name) => "it is an absolute path",
            _ => null,
        };
        var path = elsewhere is null ? System.IO.Path.GetFullPath(System.IO.Path.Combine(source.BaseDirectoryPath, name)) : "";
        if (elsewhere is null && !RepositoryPath.IsInside(path, rootPath))
            elsewhere = "it leads out of it";
        if (elsewhere is not null)
        {
            bag.Add(LinuxKitRules.NotHere, source.Span, Message.Quote(name), elsewhere);
            return null;
        }
        if (File.Exists(path))
            return path;
        bag.Add(LinuxKitRules.NoFile, source.Span, Message.Quote(name), RepositoryPath.Relative(source.BaseDirectoryPath, rootPath));
        return null;
    }

    /// <summary>The merged tree as a document.</summary>
    private sealed class Merged(YamlMap tree, string rootPath, DiagnosticBag bag)
    {
        private readonly LinuxKitImages _images = new(rootPath, bag);
        private readonly ContainerReader _settings = new(bag);

        public LinuxKitDocument Read()
        {
            var json = LinuxKitMetadata.Of(tree);
            return new()
            {
                Kernel = Kernel(tree.Map("kernel")),
                Init = [.. tree.Scalars("init").Select((s, i) => _images.Read(s, $"init[{i}]"))],
                OnBoot = Containers("onboot", isNumbered: true),
                OnShutdown = Containers("onshutdown", isNumbered: true),
                Services = Containers("services", isNumbered: false),
                Volumes = [.. tree.Maps("volumes").Select(Volume)],
                Files = [.. tree.Maps("files").Select(new LinuxKitFileReader(rootPath, bag).Read).OfType<LinuxKitFile>()],
                Json = LinuxKitText.Json(json),
                Yaml = LinuxKitText.Yaml(json),
            };
        }

        private LinuxKitKernel Kernel(YamlMap? kernel)
        {
            var (tar, binary, microcode) = (kernel.Text("tar"), kernel.Text("binary"), kernel.Text("ucode"));
            return new(
                _images.Read(kernel.Scalar("image"), "kernel"),
                kernel.Text("cmdline") ?? "",
                string.IsNullOrEmpty(binary) ? null : binary,
                tar is "" or "none" ? null : tar ?? LinuxKitKernel.DefaultTar,
                tar is not null,
                string.IsNullOrEmpty(microcode) ? null : microcode);
        }

        private ImmutableArray<LinuxKitContainer> Containers(string section, bool isNumbered)
        {
            var containers = ImmutableArray.CreateBuilder<LinuxKitContainer>();
            foreach (var (index, item) in tree.Maps(section).Index())
            {
                var name = item.Text("name") ?? "";
                var folder = isNumbered ? string.Create(CultureInfo.InvariantCulture, $"{index:d3}-{name}") : name;
                containers.Add(new(name, $"/containers/{section}/{folder}", _images.Read(item.Scalar("image"), $"{section}[{folder}]"), _settings.Read(item), item.Span));
            }
            return containers.ToImmutable();
        }

        private LinuxKitVolume Volume(YamlMap item)
        {
            var name = item.Text("name") ?? "";
            var image = item.Scalar("image") is { } scalar ? _images.Read(scalar, $"volumes[{name}]") : null;
            return new(name, image, item.Boolean("readonly") ?? false, item.Text("format") == "oci", [.. item.Scalars("platforms").Select(p => p.Text)], item.Span);
        }
    }
}
