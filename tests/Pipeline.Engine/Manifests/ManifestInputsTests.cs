using Pipeline.Engine.Manifests.Models;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Manifests;

public sealed class ManifestInputsTests
{
    [Fact]
    public void Names_and_values_can_be_read()
    {
        using var repository = new ManifestRepository();

        var inputs = Of(repository);

        Golden.Match("inputs.txt", string.Concat(inputs.Select(i => $"{i.Key} = {i.Value}\n")));
    }

    [Theory]
    [InlineData(ManifestRepository.Kiosk, "hostname: kiosk", "hostname: desk", "customize.hostname")]
    [InlineData(ManifestRepository.Kiosk, "text: hello", "text: bye", "customize.files[/etc/motd].content")]
    [InlineData(ManifestRepository.Kiosk, "outputs: [disk]", "outputs: [{kind: disk, compression: xz}]", "output.compression")]
    [InlineData(ManifestRepository.Kiosk, "outputs: [disk]", "outputs: [live]", "live.root,live.root.compression,live.rootIn,live.verity,output.kind")]
    [InlineData(ManifestRepository.Kiosk, "outputs: [disk]", "outputs: [{kind: netboot, root: initrd, efi: true}]", "live.efi,live.root,live.root.compression,live.rootIn,live.verity,output.kind")]
    [InlineData(ManifestRepository.Kiosk, "uid: 1000", "uid: 1001", "customize.users[0].uid")]
    [InlineData(ManifestRepository.Box, "size: 64MiB", "size: 65MiB", "board.partitions[0].size")]
    [InlineData(ManifestRepository.Box, "flags: [grow]", "flags: []", "board.partitions[1].flags.attributes,board.partitions[1].flags.grow")]
    [InlineData(ManifestRepository.Box, "offset: 32KiB", "offset: 33KiB", "board.blobs[0].offset")]
    [InlineData(ManifestRepository.Box, "console=tty0", "console=tty1", "board.boot.kernelArguments")]
    [InlineData(ManifestRepository.Box, "linux/arm64", "linux/amd64", "board.partitions[1].type,board.platform")]
    [InlineData(ManifestRepository.Box, "flags: [grow]", "flags: [grow]\n    attributes: [48]", "board.partitions[1].flags.attributes")]
    [InlineData(ManifestRepository.Box, "size: rest", "size: rest\n    maximum: 8GiB", "board.partitions[1].maximum")]
    [InlineData(ManifestRepository.Box, "flags: [grow]", "flags: [grow]\n    label: _empty", "board.partitions[1].label")]
    [InlineData(ManifestRepository.Box, "label: ESP", "label: ESP, first: [MLO, u-boot.img]", "board.partitions[0].filesystem.first")]
    [InlineData(ManifestRepository.Box, "label: ESP", "label: ESP, reservedSectors: 32", "board.partitions[0].filesystem.reservedSectors")]
    [InlineData(ManifestRepository.Box, "limit: 512KiB", "limit: 512KiB\n    padding: 0xff", "board.blobs[0].padding")]
    [InlineData(ManifestRepository.Box, "{container: /loader.bin}", "{image: registry.example/fw:1, path: /loader.bin}", "board.blobs[0].container,board.blobs[0].path")]
    [InlineData(ManifestRepository.Box, "{container: /loader.bin}", "{deb: /fw.deb, path: /loader.bin}", "board.blobs[0].container,board.blobs[0].deb,board.blobs[0].path")]
    [InlineData(ManifestRepository.Box, "limit: 512KiB", "limit: 512KiB\n    expect: fit", "")]
    [InlineData(ManifestRepository.Box, "table:\n", "rom: imx8\ntable:\n", "")]
    [InlineData(ManifestRepository.Kiosk, "description: A kiosk", "description: Another", "")]
    [InlineData(ManifestRepository.Kiosk, "title: Kiosk", "title: Other", "")]
    [InlineData(ManifestRepository.Kiosk, "boards: [box]", "boards: [box]\nsuspend: true", "")]
    [InlineData(ManifestRepository.Box, "description: A box", "description: Another\nverified: qemu\nsources: [a book]\nimager: {name: Box, tags: [pi4-64bit]}", "")]
    [InlineData(ManifestRepository.Box, "type: gpt", "type: gpt\n  entries: 128\n  alignment: 1MiB", "")]
    [InlineData(ManifestRepository.Box, "size: 64MiB", "size: 65536KiB", "")]
    public void A_change_shows_where_it_decides_and_only_there(string file, string old, string changed, string expected)
    {
        using var repository = new ManifestRepository();
        var before = Of(repository);
        var after = Of(repository.Edit(file, old, changed));

        var names = before.Keys.Union(after.Keys).Where(k => before.GetValueOrDefault(k) != after.GetValueOrDefault(k)).Order(StringComparer.Ordinal);
        string.Join(',', names).ShouldBe(expected);
    }

    [Fact]
    public void A_hybrid_mbr_and_a_copy_decide()
    {
        using var repository = new ManifestRepository();
        repository.Edit(ManifestRepository.Box, "type: gpt", "type: gpt\n  hybrid: [{partition: esp, type: 0x0c, active: true}]")
            .Edit(ManifestRepository.Box, "    size: rest\n", "    size: 1GiB\n")
            .Edit(ManifestRepository.Box, "blobs:\n", "  - {name: b, type: root, filesystem: ext4, size: 1GiB, copyOf: root}\nblobs:\n");
        var result = repository.Read();
        var image = result.Value!.Images[0];

        var inputs = ManifestInputs.Of(image, result.Value.Boards["box"], image.Outputs[0]);

        (inputs["board.table.hybrid[0]"], inputs["board.partitions[2].copyOf"]).ShouldBe(("esp 0x0c active", "root"));
    }

    [Fact]
    public void The_content_of_a_file_decides_and_a_password_hash_is_not_told()
    {
        const string hash = "$6$salt$IxDD3jeSOb5eB1CX5LBsqZFVkJdido3OUILO5Ifz5iwMuTS4XMS130MTSuDDl3aCI6WouIL9AjRbLCelDCy.g.";
        using var repository = new ManifestRepository();
        repository.Write("images/kiosk/motd", "one").Edit(ManifestRepository.Kiosk, "text: hello", "source: motd")
            .Edit(ManifestRepository.Kiosk, "uid: 1000", $"passwordHash: {hash}");
        var before = Of(repository);
        var after = Of(repository.Write("images/kiosk/motd", "two"));

        after["customize.files[/etc/motd].content"].ShouldNotBe(before["customize.files[/etc/motd].content"]);
        before.Values.ShouldAllBe(v => !v.Contains(hash, StringComparison.Ordinal));
    }

    private static System.Collections.Immutable.ImmutableSortedDictionary<string, string> Of(ManifestRepository repository)
    {
        var result = repository.Read();
        result.Diagnostics.ShouldBeEmpty();
        var image = result.Value!.Images[0];
        return ManifestInputs.Of(image, result.Value.Boards["box"], image.Outputs[0]);
    }
}
