using Pipeline.Core.Files;
using Pipeline.Kit;
using Shouldly;
using Xunit;
using Made = Pipeline.Kit.Initrds;

namespace Pipeline.Engine.Building.Live.Initrds;

public sealed class InitrdReaderTests
{
    [Theory]
    [InlineData("cat")]
    [InlineData("gzip -9")]
    [InlineData("xz --check=crc32")]
    [InlineData("zstd -q -19")]
    public void The_family_shows_however_it_is_packed_and_whatever_lies_in_front(string tool)
    {
        var packed = Made.Packed(tool, Made.Cpio(Made.DracutLive));

        Read(packed).Family.ShouldBe(InitrdFamily.Dracut);
        Read([.. Made.Cpio("kernel/x86/microcode/GenuineIntel.bin"), .. packed]).Family.ShouldBe(InitrdFamily.Dracut);
    }

    [Theory]
    [InlineData("init usr/sbin/dmsquash-live-root", "Dracut", "dracut's")]
    [InlineData("init scripts/functions scripts/live", "LiveBoot", "live-boot's")]
    [InlineData("init lib/live/boot/9990-main.sh", "LiveBoot", "live-boot's")]
    [InlineData("init usr/lib/dracut/hooks/cmdline/00-parse-root.sh", "Other", "dracut's without the module dmsquash-live")]
    [InlineData("init scripts/functions scripts/casper", "Other", "casper's")]
    [InlineData("init scripts/functions", "Other", "initramfs-tools' without live-boot")]
    [InlineData("init init_functions hooks/archiso", "Other", "archiso's")]
    [InlineData("init", "Other", "of a kind that is not known here")]
    [InlineData("init root/dmsquash-live-root.txt", "Other", "of a kind that is not known here")]
    public void Names_tell_the_family(string names, string family, string maker)
    {
        var facts = Read(Made.Packed("gzip", Made.Cpio(names.Split(' '))));

        (facts.Family.ToString(), facts.Maker).ShouldBe((family, maker));
    }

    [Fact]
    public void Names_tell_what_it_can_do()
    {
        var plain = Read(Made.Cpio(Made.DracutLive));
        var able = Read(Made.Cpio([.. Made.DracutLive, "usr/sbin/livenetroot", "usr/lib/systemd/system-generators/systemd-veritysetup-generator"]));

        (plain.FetchesRoot, plain.OpensVerity).ShouldBe((false, false));
        (able.FetchesRoot, able.OpensVerity).ShouldBe((true, true));
    }

    [Theory]
    [InlineData("lz4 -l", "packed with lz4")]
    [InlineData("bzip2", "packed with bzip2")]
    public void What_cannot_be_unpacked_is_named(string tool, string complaint) =>
        Should.Throw<InvalidDataException>(() => Read(Made.Packed(tool, Made.Cpio("init")))).Message.ShouldContain(complaint);

    [Fact]
    public void Damage_is_refused()
    {
        var packed = Made.Packed("xz", Made.Cpio(Made.DracutLive));

        Should.Throw<InvalidDataException>(() => Read(packed[..^20]));
        Should.Throw<InvalidDataException>(() => Read("this is no initrd"u8.ToArray())).Message.ShouldContain("neither an archive");
        Should.Throw<InvalidDataException>(() => Read(Made.Packed("gzip", "nor is this one"u8.ToArray()))).Message.ShouldContain("is no archive");
    }

    private static InitrdFacts Read(byte[] bytes) => InitrdReader.Read(FileContent.Of(bytes));
}
