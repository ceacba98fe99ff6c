using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests.Checks;

/// <summary>A layout as the vendor's document has it is read by its boot ROM; the mistakes stand in MistakeTable.Layouts.</summary>
public sealed class RomCheckTests
{
    private const string Root = "{name: root, type: linux, filesystem: ext4, size: rest, mount: /}";
    private const string Fat = "{name: boot, type: fat, filesystem: {type: fat, bits: 32}, size: 64MiB, mount: /boot, flags: [active]}, " + Root;
    private const string RequiredSpl = "flags: [required], size: 1MiB";

    public static TheoryData<string, string, string, string> Layouts => new()
    {
        { "raspberrypi", "{type: mbr}", Fat, "" },
        { "raspberrypi", "{type: mbr}", "{name: boot, type: 0x0e, filesystem: {type: fat, bits: 16}, size: 64MiB, mount: /boot}, " + Root, "" },
        { "raspberrypi-4", "{type: gpt}", "{name: esp, type: esp, filesystem: fat, size: 64MiB, mount: /boot}, " + Root, "" },
        { "raspberrypi-4", "{type: mbr}", "{name: esp, type: esp, filesystem: fat, size: 64MiB, mount: /boot}, " + Root, "" },
        { "ti-k3", "{type: mbr}", Fat, "" },
        { "am335x", "{type: mbr}", Fat, "" },
        { "am335x", "{type: gpt}", Root, "128KiB limit 128KiB name MLO" },
        { "am335x", "{type: mbr}", Root, "384KiB limit 128KiB name spl" },
        { "rockchip", "{type: gpt}", "{name: root, type: linux, filesystem: ext4, size: rest, mount: /, offset: 16MiB}", "32KiB limit 8MiB" },
        { "rockchip", "{type: gpt}", "{name: idb, type: raw, size: 4MiB, offset: sector 64, flags: [required]}, {name: root, type: linux, filesystem: ext4, size: rest, mount: /, offset: 16MiB}", "sector 64 limit 4MiB" },
        { "allwinner", "{type: mbr}", Root, "8KiB limit 1MiB" },
        { "allwinner", "{type: gpt}", Root, "128KiB limit 800KiB" },
        { "allwinner", "{type: gpt, entries: 56}", Root, "8KiB limit 900KiB" },
        { "amlogic", "{type: mbr}", Root, "512B limit 2MiB" },
        { "amlogic", "{type: mbr}", Root, "0B limit 2MiB keep" },
        { "imx6", "{type: mbr}", Root, "1KiB limit 60KiB" },
        { "imx8", "{type: gpt}", Root, "32KiB limit 3MiB" },
        { "imx8mm", "{type: gpt}", Root, "33KiB limit 3MiB" },
        { "imx8mq", "{type: gpt}", Root, "33KiB limit 3MiB" },
        { "jh7110", "{type: gpt}", $"{{name: spl, type: 2e54b353-1271-4842-806f-e436d6af6985, offset: 2MiB, {RequiredSpl}}}, " + Root, "2MiB limit 1MiB" },
        { "sifive", "{type: gpt}", $"{{name: spl, type: 5b193300-fc78-40cd-8002-e86c45580b47, offset: sector 34, {RequiredSpl}}}, {{name: second, type: 2e54b353-1271-4842-806f-e436d6af6985, offset: sector 2082, {RequiredSpl}}}, " + Root, "sector 34 limit 1MiB, sector 2082 limit 1MiB" },
    };

    [Theory]
    [MemberData(nameof(Layouts))]
    public void A_layout_that_the_rom_reads_has_no_complaint(string rom, string table, string partitions, string blobs)
    {
        using var repository = new ManifestRepository();
        repository.Write(ManifestRepository.Box, $"description: a box\nplatform: linux/arm64\nrom: {rom}\ntable: {table}\npartitions: [{partitions}]\nblobs: [{Blobs(blobs)}]\nboot: {{method: none}}\n");

        repository.Read().Diagnostics.Select(d => d.ToString()).ShouldBeEmpty();
    }

    private static string Blobs(string text) => string.Join(", ", text.Split(", ", StringSplitOptions.RemoveEmptyEntries).Select((b, i) =>
    {
        var keep = b.EndsWith(" keep", StringComparison.Ordinal) ? ", keep: [{offset: 440B, length: 72B}]" : "";
        var parts = b.Replace(" keep", "", StringComparison.Ordinal).Split(" name ");
        var place = parts[0].Split(" limit ");
        return $"{{name: {(parts.Length > 1 ? parts[1] : $"b{i}")}, from: {{container: /b}}, offset: {place[0]}, limit: {place[1]}{keep}}}";
    }));
}
