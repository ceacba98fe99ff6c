using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography;
using Pipeline.Core.Units;
using Pipeline.Engine.Publishing;
using Pipeline.Kit;
using Shouldly;
using Xunit;

namespace Pipeline.Web.Releases;

/// <summary>Judged by curl and by sockets: what a client of ours would mend on its own must not be mended.</summary>
public sealed class ReleaseServerTests : IAsyncDisposable
{
    private readonly TempDir _temp = new();
    private readonly ConcurrentQueue<ServedRequest> _told = [];
    private readonly byte[] _image = RandomNumberGenerator.GetBytes(300_000);
    private ReleaseServer? _server;

    [Fact]
    public async Task A_file_comes_whole_with_the_digest_of_the_release_as_its_tag()
    {
        var url = await StartAsync();

        Tool.Require("curl", "-sS", "-f", "-D", _temp["headers"], "-o", _temp["got"], url + "kiosk-pc.squashfs");

        File.ReadAllBytes(_temp["got"]).ShouldBe(_image);
        var headers = File.ReadAllText(_temp["headers"]);
        headers.ShouldContain($"ETag: \"{Digest.Sha256(_image).Hex}\"\r\n");
        headers.ShouldContain("Accept-Ranges: bytes\r\n");
        headers.ShouldContain("Content-Length: 300000\r\n");
        headers.ShouldNotContain("Server:");
    }

    [Theory]
    [InlineData("100-199", "bytes 100-199/300000", 100, 100)]
    [InlineData("299990-", "bytes 299990-299999/300000", 299_990, 10)]
    [InlineData("-5", "bytes 299995-299999/300000", 299_995, 5)]
    public async Task A_part_is_that_part(string range, string contentRange, int first, int count)
    {
        var url = await StartAsync();

        Tool.Require("curl", "-sS", "-f", "-r", range, "-D", _temp["headers"], "-o", _temp["got"], url + "kiosk-pc.squashfs");

        File.ReadAllBytes(_temp["got"]).ShouldBe(_image[first..(first + count)]);
        File.ReadAllText(_temp["headers"]).ShouldContain($"206 Partial Content\r\n");
        File.ReadAllText(_temp["headers"]).ShouldContain($"Content-Range: {contentRange}\r\n");
    }

    [Fact]
    public async Task Curl_resumes_what_broke_off()
    {
        var url = await StartAsync();
        File.WriteAllBytes(_temp["got"], _image[..123_456]);

        Tool.Require("curl", "-sS", "-f", "-C", "-", "-o", _temp["got"], url + "kiosk-pc.squashfs");

        File.ReadAllBytes(_temp["got"]).ShouldBe(_image);
        SpinWait.SpinUntil(() => !_told.IsEmpty, TimeSpan.FromMinutes(2)); // ends as soon as it is so
        _told.ShouldContain(r => r.Status == 206 && r.Bytes == 300_000 - 123_456);
    }

    [Theory]
    [InlineData("bytes=0-9", "ETAG", "206 10")]
    [InlineData("bytes=0-9", "\"other\"", "200 300000")]
    [InlineData("bytes=0-9", "an-older-release", "200 300000")]
    [InlineData("items=0-9", null, "200 300000")]
    public async Task A_part_is_sent_only_of_the_state_that_was_named(string range, string? state, string expected)
    {
        var url = await StartAsync();

        var answer = Tool.Require("curl", ["-sS", "-o", _temp["body"], "-w", "%{http_code} %{size_download}", "-H", "Range: " + range,
            .. state is null ? Array.Empty<string>() : ["-H", "If-Range: " + state.Replace("ETAG", $"\"{Digest.Sha256(_image).Hex}\"", StringComparison.Ordinal)],
            url + "kiosk-pc.squashfs"]);

        answer.ShouldBe(expected);
    }

    [Fact]
    public async Task A_question_for_the_headers_has_no_parts()
    {
        var url = await StartAsync();

        Tool.Require("curl", "-sS", "-I", "-r", "0-9", url + "kiosk-pc.squashfs").ShouldContain("Content-Length: 300000\r\n");
    }

    [Theory]
    [InlineData("-H If-None-Match:ETAG", "304")]
    [InlineData("-r 300000-", "416")]
    [InlineData("-I", "200")]
    [InlineData("-X PUT", "405")]
    [InlineData("-X POST -d x", "405")]
    public async Task Other_requests_get_what_HTTP_says(string options, string status)
    {
        var url = await StartAsync();

        var answer = Tool.Require("curl", ["-sS", "-o", _temp["body"], "-w", "%{http_code} %{size_download}", .. options.Replace("ETAG", $"\"{Digest.Sha256(_image).Hex}\"", StringComparison.Ordinal).Split(' '), url + "kiosk-pc.squashfs"]);

        answer.ShouldStartWith(status + " ");
        answer.ShouldEndWith(" 0");
    }

    [Theory]
    [InlineData("../secret")]
    [InlineData("%2e%2e/secret")]
    [InlineData("..%2fsecret")]
    [InlineData("%2e%2e%2fsecret")]
    [InlineData("/etc/passwd")]
    [InlineData("%2fetc%2fpasswd")]
    [InlineData(".hidden")]
    [InlineData("unlisted.img")]
    [InlineData("folder/inside")]
    [InlineData("folder")]
    [InlineData("link.img")]
    [InlineData("kiosk-pc.squashfs/")]
    [InlineData("kiosk-pc.squashfs%00")]
    [InlineData("KIOSK-PC.squashfs")]
    public async Task Only_what_the_release_lists_can_be_fetched(string path)
    {
        var url = await StartAsync();

        var answer = Tool.Require("curl", "-sS", "--path-as-is", "-o", _temp["body"], "-w", "%{http_code} %{size_download}", url + path);

        answer.ShouldBeOneOf("404 0", "400 0");
    }

    [Theory]
    [InlineData("shim.efi", "application/efi")]
    [InlineData("a.iso", "application/vnd.efi-iso")]
    [InlineData("a.live.img", "application/vnd.efi-img")]
    [InlineData("a.initrd.img", "application/octet-stream")]
    [InlineData("a.ipxe", "text/plain; charset=utf-8")]
    [InlineData("SHA256SUMS", "text/plain; charset=utf-8")]
    [InlineData("a.squashfs", "application/octet-stream")]
    public void Firmware_is_told_what_a_file_is(string name, string type) => MediaType.Of(name).ShouldBe(type);

    [Fact]
    public async Task The_list_and_the_checksums_can_be_fetched_and_every_request_is_told()
    {
        var url = await StartAsync();

        Tool.Require("curl", "-sS", "-f", url).ShouldBe("SHA256SUMS\nkiosk-pc.squashfs\n");
        WaitUntilTold(1);
        Tool.Require("curl", "-sS", "-f", url + "SHA256SUMS").ShouldEndWith(" *link.img\n");
        WaitUntilTold(2);
        Tool.Run("curl", "-sS", "-f", "-g", url + "no%1b[31m").ExitCode.ShouldBe(22);

        WaitUntilTold(3);
        _told.Select(r => (r.Method, r.Path, r.Status)).ShouldBe([("GET", "/", 200), ("GET", "/SHA256SUMS", 200), ("GET", "/no?[31m", 404)]);
        _told.ShouldAllBe(r => r.Client == "127.0.0.1");

        // A request is told of when its answer is gone: curl may be quicker, and the next request too.
        void WaitUntilTold(int count) => SpinWait.SpinUntil(() => _told.Count >= count, TimeSpan.FromMinutes(2)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_directory_gives_its_plain_files_and_nothing_else()
    {
        Make();
        await ListenAsync(ServedFolder.OfDirectory(_temp["release"]).Value!);

        Tool.Require("curl", "-sS", "-f", _server!.Address.ToString()).ShouldBe("SHA256SUMS\nkiosk-pc.squashfs\nunlisted.img\n");
        Tool.Run("curl", "-sS", "-f", _server.Address + "link.img").ExitCode.ShouldBe(22);
    }

    /// <summary>Who opens a pipe waits until somebody writes into it.</summary>
    [Fact]
    public async Task A_pipe_keeps_nobody_waiting()
    {
        Make();
        Tool.Require("mkfifo", _temp["release/pipe"]);
        File.WriteAllBytes(_temp["release/nothing.img"], []);
        await ListenAsync(ServedFolder.OfDirectory(_temp["release"]).Value!);

        foreach (var name in new[] { "pipe", "nothing.img" })
            Tool.Require("curl", "-sS", "-m", "60", "-w", "%{http_code} %{size_download}", _server!.Address + name).ShouldBe("200 0");
    }

    [Fact]
    public async Task IPXE_gets_names_as_an_address_has_them()
    {
        Directory.CreateDirectory(_temp["net"]);
        File.WriteAllText(_temp["net/my kiosk.ipxe"], "#!ipxe\n");
        await ListenAsync(ServedFolder.OfDirectory(_temp["net"]).Value!);
        var url = _server!.Address + "boot.ipxe";

        Tool.Require("curl", "-sS", "-f", "-H", "Host: x", url).ShouldEndWith("chain ${base-url}my%20kiosk.ipxe\n");
        Tool.Require("curl", "-sS", "-f", _server.Address + "my%20kiosk.ipxe").ShouldBe("#!ipxe\n");
        File.WriteAllText(_temp["net/other.ipxe"], "#!ipxe\n");
        Tool.Require("curl", "-sS", "-f", "-H", "Host: x", url).ShouldContain("item my%20kiosk.ipxe my kiosk\n");
    }

    [Fact]
    public async Task Older_versions_of_iPXE_are_told_where_the_files_lie()
    {
        Directory.CreateDirectory(_temp["net"]);
        File.WriteAllText(_temp["net/kiosk-pc.ipxe"], "#!ipxe\n");
        await ListenAsync(ServedFolder.OfDirectory(_temp["net"]).Value!);
        var url = _server!.Address + "boot.ipxe";

        Tool.Require("curl", "-sS", "-f", "-H", "Host: boot.example:81", url).ShouldBe("#!ipxe\nset base-url http://boot.example:81/\nchain ${base-url}kiosk-pc.ipxe\n");
        Tool.Run("curl", "-sS", "-f", "-H", "Host: a${b}", url).ExitCode.ShouldBe(22);
        File.WriteAllText(_temp["net/kiosk-arm.ipxe"], "#!ipxe\n");
        Tool.Require("curl", "-sS", "-f", "-H", "Host: x", url).ShouldBe(
            "#!ipxe\nset base-url http://x/\nmenu What to start\nitem kiosk-arm.ipxe kiosk-arm\nitem kiosk-pc.ipxe kiosk-pc\nchoose script && chain ${base-url}${script}\n");
        File.WriteAllText(_temp["net/boot.ipxe"], "mine\n");
        Tool.Require("curl", "-sS", "-f", url).ShouldBe("mine\n");
    }

    [Fact]
    public void What_is_no_release_is_refused()
    {
        Directory.CreateDirectory(_temp["empty"]);
        ServedFolder.OfRelease(_temp["empty"]).Diagnostics.Single().Rule.Code.ShouldBe("PL6403");
        File.WriteAllText(_temp["empty/SHA256SUMS"], "no checksums\n");
        ServedFolder.OfRelease(_temp["empty"]).Diagnostics.Single().Message.ShouldContain("line 1");
        ServedFolder.OfDirectory(_temp["nowhere"]).Diagnostics.Single().Rule.Code.ShouldBe("PL6402");
    }

    [Fact]
    public async Task A_release_stays_itself_when_latest_moves_on()
    {
        Make();
        File.CreateSymbolicLink(_temp["latest"], "release");
        await ListenAsync(ServedFolder.OfRelease(_temp["latest"]).Value!);
        File.Delete(_temp["latest"]);

        Tool.Require("curl", "-sS", "-f", "-o", _temp["got"], _server!.Address + "kiosk-pc.squashfs");

        File.ReadAllBytes(_temp["got"]).ShouldBe(_image);
    }

    [Fact]
    public async Task An_address_that_is_taken_is_the_outsides_fault()
    {
        await StartAsync();

        await Should.ThrowAsync<IOException>(() => ReleaseServer.StartAsync(ServedFolder.OfRelease(_temp["release"]).Value!, new(IPAddress.Loopback, _server!.Address.Port), _ => { }, CancellationToken.None));
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        _temp.Dispose();
    }

    private async Task<string> StartAsync()
    {
        Make();
        await ListenAsync(ServedFolder.OfRelease(_temp["release"]).Value!);
        return _server!.Address.ToString();
    }

    private async Task ListenAsync(ServedFolder folder) =>
        _server = await ReleaseServer.StartAsync(folder, new(IPAddress.Loopback, 0), _told.Enqueue, TestContext.Current.CancellationToken);

    /// <summary>A release with what must not be reached around it and in it.</summary>
    private void Make()
    {
        Directory.CreateDirectory(_temp["release/folder"]);
        File.WriteAllText(_temp["secret"], "secret");
        foreach (var name in new[] { "release/folder/inside", "release/unlisted.img", "release/.hidden" })
            File.WriteAllText(_temp[name], "secret");
        File.CreateSymbolicLink(_temp["release/link.img"], _temp["secret"]);
        File.WriteAllBytes(_temp["release/kiosk-pc.squashfs"], _image);
        File.WriteAllBytes(_temp["release/SHA256SUMS"], Sha256Sums.Write([("kiosk-pc.squashfs", Digest.Sha256(_image)), ("link.img", Digest.Sha256("secret"u8))]));
    }
}
