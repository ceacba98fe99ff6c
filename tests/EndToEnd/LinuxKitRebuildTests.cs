using System.Text.Json.Nodes;
using Pipeline.Kit;
using Pipeline.Oci.Documents;
using Shouldly;
using Xunit;

namespace Pipeline.EndToEnd;

/// <summary>A release of a system of several containers comes out again although every name that its file says has moved since.</summary>
public sealed class LinuxKitRebuildTests : IClassFixture<RegistryFixture>, IDisposable
{
    private static readonly string[] Names = ["kernel", "init", "tools", "main", "store"];
    private static readonly string[] Both = ["linux/amd64", "linux/arm64"];
    private readonly Fleet _fleet;
    private readonly string _prefix = $"kit-{Guid.NewGuid():n}";

    public LinuxKitRebuildTests(RegistryFixture fixture)
    {
        _fleet = new Fleet(fixture.Registry);
        _fleet.Write("images/kit/image.yaml", "description: a system\nsource: linuxkit:system.yml\nboards: [plain]\noutputs: [kernel+initrd]\n");
        _fleet.Write("images/kit/system.yml", $$"""
            kernel: {image: {{Image("kernel")}}, tar: none}
            init: [{{Image("init")}}]
            volumes:
              - {name: store, image: {{Image("store")}}, format: oci, readonly: true, platforms: [linux/amd64, linux/arm64]}
            onboot:
              - {name: first, image: {{Image("tools")}}}
            services:
              - {name: main, image: {{Image("main")}}}

            """);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Moved_tags_do_not_change_what_is_built_again()
    {
        await PushAsync("one");
        (await RunAsync("reconcile")).ShouldEndWith(0);
        (await RunAsync("verify", "kit", "--rebuild")).ShouldEndWith(0).Stdout.ShouldEndWith("equal\n");

        await PushAsync("two");
        // They did move: whoever asks for them now gets something else.
        var plan = (await RunAsync("plan")).ShouldEndWith(0).Stdout;
        foreach (var place in new[] { "kernel", "init[0]", "onboot[000-first]", "services[main]", "volumes[store][linux/amd64]", "volumes[store][linux/arm64]" })
            plan.ShouldContain($"linuxkit.{place} ");
        var again = (await RunAsync("verify", "kit", "--rebuild")).ShouldEndWith(0);
        again.Output.ShouldNotContain("PL6322");
        again.Stdout.ShouldEndWith("equal\n");

        // Settings are not pinned: they are the manifest's.
        var file = Path.Combine(_fleet.RootPath, "images/kit/system.yml");
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file, Ct)).Replace("{name: main,", "{name: main, readonly: true,", StringComparison.Ordinal), Ct);
        (await RunAsync("verify", "kit", "--rebuild")).ShouldEndWith(1).Output.ShouldContain("linuxkit.services[main].config");
    }

    public void Dispose() => _fleet.Dispose();

    private string Image(string name) => $"{_fleet.Registry.Host}/{_prefix}/{name}:1";

    private Task<ProgramResult> RunAsync(params string[] arguments) => _fleet.RunAsync(Ct, arguments);

    /// <summary>Moves the tag of each image to another revision.</summary>
    private async Task PushAsync(string revision)
    {
        foreach (var name in Names)
        {
            (string, string)[] files = name switch
            {
                "kernel" => [("kernel", revision)],
                "init" => [("init", "#!/bin/sh\n"), ("revision", revision)],
                _ => [($"bin/{name}", revision)],
            };
            var platforms = name == "store" ? Both : Both[..1];
            var index = _fleet.Layout.AddIndex(platforms.Select(p => (p, Make(p, files))));
            await _fleet.Registry.PushAsync(_fleet.Layout, index, $"{_prefix}/{name}", "1", Ct);
        }
    }

    private Descriptor Make(string platform, (string, string)[] files) =>
        _fleet.Layout.AddImage(platform, [_fleet.Layout.AddLayer([.. files, ("platform", platform)])], new JsonObject { ["Cmd"] = new JsonArray("/bin/x") });
}
