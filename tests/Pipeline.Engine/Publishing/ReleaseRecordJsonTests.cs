using System.Collections.Immutable;
using System.Text;
using Pipeline.Core.Units;
using Pipeline.Engine.Planning;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Publishing;

public sealed class ReleaseRecordJsonTests
{
    private static readonly ReleaseRecord Record = new(
        "kiosk", "20261121.0", "20261120.3", "0123456789abcdef0123456789abcdef01234567",
        Map(("channel", "stable ü")),
        new[]
        {
            new PublishedTarget(
                "kiosk/pi/disk", "20261120.3",
                new(Map(("source.manifest", "sha256:" + new string('a', 64)), ("board.partitions[1].size", "512MiB")), Map(("source.reference", "docker.io/library/debian:12"))),
                [new("kiosk-pi.img", ByteSize.GiB(5), Digest.Parse("sha256:" + new string('b', 64)))], []),
            new PublishedTarget(
                "kiosk/zero/disk", "20261121.0", new(Map(), Map()),
                [new("kiosk-zero.img.zst", ByteSize.MiB(300), Digest.Parse("sha256:" + new string('c', 64))) { Unpacked = new(ByteSize.GiB(2), Digest.Parse("sha256:" + new string('d', 64))) }], []),
        }.ToImmutableSortedDictionary(t => t.Id, t => t, StringComparer.Ordinal));

    [Fact]
    public void It_reads_as_documented() => Golden.Match("inputs.json", Encoding.UTF8.GetString(ReleaseRecordJson.Write(Record)));

    [Fact]
    public void What_is_written_is_read()
    {
        var json = ReleaseRecordJson.Write(Record);
        ReleaseRecordJson.TryRead(json, out var read, out _).ShouldBeTrue();
        ReleaseRecordJson.Write(read!).ShouldBe(json);
        read!.Files.ShouldBe(Record.Files);
        read.Targets["kiosk/pi/disk"].Files[0].Unpacked.ShouldBeNull("as releases of old have it");
    }

    [Fact]
    public void What_a_later_version_adds_is_passed_over() =>
        ReleaseRecordJson.TryRead("{\"format\":1,\"image\":\"a\",\"version\":\"v\",\"previous\":null,\"commit\":null,\"labels\":{},\"targets\":{},\"extra\":[]}"u8, out _, out var problem)
            .ShouldBeTrue(problem);

    [Theory]
    [InlineData("a name that leaves the release", "kiosk-pi.img", "../../etc/passwd")]
    [InlineData("a negative size", "5368709120", "-1")]
    [InlineData("an image of a negative size", "2147483648", "-1")]
    [InlineData("an image without a digest", "dddd\"", "zzzz\"")]
    [InlineData("a digest that is none", "bbbb\"", "zzzz\"")]
    [InlineData("no targets", "\"targets\"", "\"target\"")]
    [InlineData("null for a text", "\"512MiB\"", "null")]
    [InlineData("another format", "\"format\": 1", "\"format\": 7")]
    public void Damaged_records_are_refused_with_a_reason(string what, string old, string now)
    {
        var text = Encoding.UTF8.GetString(ReleaseRecordJson.Write(Record));
        text.ShouldContain(old);
        ReleaseRecordJson.TryRead(Encoding.UTF8.GetBytes(text.Replace(old, now, StringComparison.Ordinal)), out _, out var problem).ShouldBeFalse(what);
        problem.ShouldNotBeNullOrEmpty(what);
    }

    private static ImmutableSortedDictionary<string, string> Map(params (string, string)[] entries) =>
        entries.ToImmutableSortedDictionary(e => e.Item1, e => e.Item2, StringComparer.Ordinal);
}
