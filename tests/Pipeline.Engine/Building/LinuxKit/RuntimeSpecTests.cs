using System.Collections.Immutable;
using System.Text.Json.Nodes;
using Pipeline.Core.Diagnostics;
using Pipeline.Engine.Manifests.LinuxKit;
using Pipeline.Kit;
using Pipeline.Oci.Documents;
using Shouldly;
using Xunit;

namespace Pipeline.Engine.Building.LinuxKit;

public sealed class RuntimeSpecTests
{
    private static readonly ImageProcess Process = new(["/entry", "argument"], ["PATH=/bin"], "/work");

    /// <summary>Every key once.</summary>
    public const string Rich = """
        capabilities: [CAP_SYS_ADMIN, CAP_CHOWN]
        ambient: [CAP_NET_RAW]
        mounts:
          - {type: cgroup, options: [rw, nosuid]}
          - {destination: /dev/mqueue, source: mqueue}
          - {destination: /tmp, type: tmpfs, source: mine, options: [size=1m], uidmappings: [{hostID: 5, containerID: 0, size: 1}]}
        binds: ["/etc/a:/etc/a", "/run:/run:ro,rshared", "data:/data", "fixed:/fixed:ro"]
        devices:
          - {path: all, type: b}
          - {path: /dev/fuse, type: c, major: 10, minor: 229, mode: "0666"}
        tmpfs: ["/tmp:size=9m", "/var/tmp"]
        command: [/run-me, --fast]
        env: [A=b, C=d]
        cwd: /somewhere
        net: /run/netns/wg
        ipc: new
        uts: new
        pid: host
        userns: new
        readonly: true
        maskedPaths: [/proc/kcore]
        readonlyPaths: [/proc/sys]
        uid: other
        gid: 7
        additionalGids: [8, box]
        noNewPrivileges: true
        hostname: inside
        oomScoreAdj: -500
        rootfsPropagation: shared
        cgroupsPath: /mine
        resources:
          devices: [{allow: false, access: rwm}]
          memory: {limit: 104857600, swappiness: 10, disableOOMKiller: true, kernelTCP: 5}
          cpu: {shares: 512, cpus: 0-1, realtimeRuntime: 7}
          pids: {limit: 10}
          blockio: {weight: 500, leafWeight: 1, weightDevice: [{major: 8, minor: 0, weight: 10, leafWeight: 2}], throttleReadBpsDevice: [{major: 8, minor: 0, rate: 100}], throttleWriteIOPSDevice: [{major: 8, minor: 0, rate: 3}]}
          hugepageLimits: [{pageSize: 2MB, limit: 4194304}]
          network: {classID: 1048577, priorities: [{name: eth0, priority: 500}]}
        sysctl: {net.ipv4.ip_forward: "1"}
        rlimits: ["nofile,100,200", "RLIMIT_CORE,unlimited,unlimited"]
        uidMappings: [{hostID: 100000, containerID: 0, size: 65536}]
        gidMappings: [{hostID: 200000, containerID: 1, size: 10}]
        annotations: {org.example.b: two, org.example.a: one}
        runtime:
          cgroups: [mine]
          mounts: [{destination: /var/x, type: bind, source: /x, options: [rw]}]
          mkdir: [/var/lib/x]
          interfaces: [{name: eth0}, {name: veth0, add: veth, peer: veth1, createInRoot: true}]
          bindNS: {net: /run/netns/mine}
          namespace: mine
        """;

    [Fact]
    public void Every_key_has_its_place() => Golden.Match("rich.json", Make(Rich).ToJsonString(Indented));

    [Fact]
    public void A_container_that_says_nothing_is_as_its_image_says() => Golden.Match("plain.json", Make("").ToJsonString(Indented));

    [Fact]
    public void Keys_replace_those_of_the_label_and_additions_are_added()
    {
        const string label = """{"capabilities": ["CAP_KILL", "CAP_CHOWN"], "binds": ["/a:/a", "/b:/b"], "command": ["/label"], "cwd": "/label", "net": "new", "readonly": true, "sysctl": {"a": "1"}, "resources": {"pids": {"limit": 1}, "cpu": {"shares": 1}}, "runtime": {"mkdir": ["/l"], "cgroups": ["l"], "bindNS": {"net": "/l", "pid": "/p"}}, "rlimits": ["core,1,1"]}""";
        var merged = Settings("""
            capabilities.add: [CAP_CHOWN, CAP_NET_RAW]
            binds.add: ["/c:/c"]
            sysctl: {b: "2"}
            resources: {pids: {limit: 2}}
            readonly: false
            cwd: ""
            runtime: {mkdir: [/y], bindNS: {net: /y}}
            """).Over(LabelReader.Read(System.Text.Encoding.UTF8.GetBytes(label)).Value!);
        var spec = Make(merged);
        Words(spec["process"]!["capabilities"]!["effective"]).ShouldBe(["CAP_KILL", "CAP_CHOWN", "CAP_NET_RAW"]);
        Words(spec["process"]!["capabilities"]!["bounding"]).ShouldBe(["CAP_CHOWN", "CAP_KILL", "CAP_NET_RAW"]);
        spec["mounts"]!.AsArray().Where(m => (string?)m!["type"] == "bind").Select(m => (string)m!["destination"]!).ShouldBe(["/a", "/b", "/c"]);
        Words(spec["process"]!["args"]).ShouldBe(["/label"]);
        ((string)spec["process"]!["cwd"]!).ShouldBe("/label");
        spec["root"]!.AsObject().ContainsKey("readonly").ShouldBeFalse();
        spec["linux"]!["sysctl"]!.ToJsonString().ShouldBe("""{"b":"2"}""");
        spec["linux"]!["resources"]!.ToJsonString().ShouldBe("""{"pids":{"limit":2}}""");
        spec["linux"]!["namespaces"]!.AsArray().Select(n => (string)n!["type"]!).ShouldBe(["network", "pid", "mount"]);
        spec["process"]!["rlimits"]!.ToJsonString().ShouldBe("""[{"type":"RLIMIT_CORE","hard":1,"soft":1}]""");
        merged.Runtime.Mkdir.ShouldBe(["/y"]);
        merged.Runtime.Cgroups.ShouldBe(["l"]);
        merged.Runtime.BindNamespaces.ShouldBe([new("net", "/y"), new("pid", "/p")]);
    }

    /// <summary>An empty text is none, wherever it stands: a runtime refuses an empty directory, and takes an empty path for a new namespace.</summary>
    [Fact]
    public void A_label_that_says_an_empty_text_says_nothing()
    {
        var label = LabelReader.Read("{cwd: '', net: '', ipc: '', pid: '', hostname: ''}"u8).Value!;
        Make(Settings("uts: ''").Over(label)).ToJsonString().ShouldBe(Make("").ToJsonString());
    }

    /// <summary>The runtime does not start a container where it finds a number in the place of a text.</summary>
    [Fact]
    public void Numbers_that_a_runtime_reads_as_text_are_text() =>
        Make("resources: {cpu: {cpus: 0, mems: 1, shares: 2}, hugepageLimits: [{pageSize: 64, limit: 1}], network: {priorities: [{name: 7, priority: 8}]}}")["linux"]!["resources"]!.ToJsonString()
            .ShouldBe("""{"cpu":{"cpus":"0","mems":"1","shares":2},"hugepageLimits":[{"pageSize":"64","limit":1}],"network":{"priorities":[{"name":"7","priority":8}]}}""");

    /// <summary>What the runtime has no room for is refused before it is a machine that does not start.</summary>
    [Theory]
    [InlineData("cpu: {shares: -1}", "'-1' is out of range for 'shares'")]
    [InlineData("memory: {swappiness: -1}", "'-1' is out of range for 'swappiness'")]
    [InlineData("blockio: {weight: 65536}", "'65536' is out of range for 'weight'")]
    [InlineData("network: {classID: 4294967296}", "'4294967296' is out of range for 'classID'")]
    [InlineData("hugepageLimits: [{pageSize: 2MB, limit: -1}]", "'-1' is out of range for 'limit'")]
    public void A_resource_has_the_range_of_the_runtimes(string resources, string expected) =>
        Refused("{resources: {" + resources + "}}").ShouldContain(expected);

    [Theory]
    [InlineData("net: hots", "'hots' is not host, root, new, none or an absolute path")]
    [InlineData("ipc: none", "'none' is not host, root, new or an absolute path")]
    [InlineData("pid: run/ns", "'run/ns' is not host, root, new or an absolute path")]
    public void A_namespace_is_a_word_or_a_path(string key, string expected) => Refused(key).ShouldContain(expected);

    private static string Refused(string label) =>
        LabelReader.Read(System.Text.Encoding.UTF8.GetBytes(label)).Diagnostics.ShouldHaveSingleItem().Message;

    [Fact]
    public void A_list_replaces_the_label_whole_and_an_empty_one_too()
    {
        var label = LabelReader.Read("capabilities: [CAP_KILL]\nbinds: [/a:/a]\n"u8).Value!;
        var spec = Make(Settings("capabilities: []\nbinds: []\n").Over(label));
        spec["process"]!["capabilities"]!.AsObject().ShouldBeEmpty();
        spec["mounts"]!.AsArray().Count.ShouldBe(5);
    }

    [Theory]
    [InlineData("all", 41)]
    [InlineData("none", 0)]
    [InlineData("ALL", 41)]
    public void All_and_none_are_words(string word, int count)
    {
        var capabilities = Make($"capabilities: [{word}]\nambient: [{word}]\n")["process"]!["capabilities"]!;
        Words(capabilities["effective"]).Count.ShouldBe(count);
        Words(capabilities["ambient"]).Count.ShouldBe(count);
    }

    [Theory]
    [InlineData("net: new", "network pid mount")]
    [InlineData("net: none", "network pid mount")]
    [InlineData("net: host", "pid mount")]
    [InlineData("net: root", "pid mount")]
    [InlineData("pid: host", "mount")]
    [InlineData("pid: new", "pid mount")]
    [InlineData("ipc: new", "ipc pid mount")]
    [InlineData("userns: new", "pid user mount")]
    [InlineData("uts: /ns/uts", "uts=/ns/uts pid mount")]
    public void Namespaces_are_the_machines_or_new(string key, string expected) =>
        string.Join(' ', Make(key)["linux"]!["namespaces"]!.AsArray().Select(n => n!["path"] is { } path ? $"{n["type"]}={path}" : $"{n["type"]}")).ShouldBe(expected);

    [Theory]
    [InlineData("{\"name\": \"x\"}", "name cannot be set in a label")]
    [InlineData("{\"image\": \"x\"}", "image cannot be set in a label")]
    [InlineData("[1]", "'the label' must be a map, found a list")]
    [InlineData("{\"capabilites\": []}", "unknown key 'capabilites'")]
    [InlineData("capabilities: [CAP_X", "this is not YAML")]
    [InlineData("rlimits: [x]", "'x' is not a limit")]
    public void A_label_is_judged_like_a_file(string text, string expected)
    {
        var read = LabelReader.Read(System.Text.Encoding.UTF8.GetBytes(text));
        read.IsOk.ShouldBeFalse();
        read.Diagnostics.ShouldContain(d => d.Message.Contains(expected, StringComparison.Ordinal), string.Join('\n', read.Diagnostics));
    }

    [Fact]
    public void A_label_that_breaks_its_form_says_which_image_it_is_of()
    {
        var bag = new DiagnosticBag();
        var labels = ImmutableSortedDictionary<string, string>.Empty.Add(ContainerLabel.Name, "{\"uid\": 1, \"pids\": 2}");
        ContainerLabel.Read(labels, Document("").Services[0], bag);
        var said = bag.ToImmutable().ShouldHaveSingleItem();
        said.Rule.ShouldBe(LinuxKitBuildRules.Label);
        said.Message.ShouldContain("the label org.mobyproject.config of docker.io/library/box is wrong: unknown key 'pids'");
        said.Span.ShouldNotBeNull();
    }

    [Fact]
    public void A_container_without_a_command_is_refused()
    {
        var bag = new DiagnosticBag();
        var document = Document("");
        new RuntimeSpec(document, bag).Make(document.Services[0], document.Services[0].Settings, ImageProcess.None);
        bag.ToImmutable().ShouldHaveSingleItem().Rule.ShouldBe(LinuxKitBuildRules.NoCommand);
    }

    [Fact]
    public void A_user_that_a_label_names_must_be_a_container()
    {
        var bag = new DiagnosticBag();
        var document = Document("");
        new RuntimeSpec(document, bag).Make(document.Services[0], new ContainerSettings { Uid = "boxx" }, Process);
        bag.ToImmutable().ShouldHaveSingleItem().Message.ShouldEndWith("did you mean 'box'?");
    }

    private static readonly System.Text.Json.JsonSerializerOptions Indented = new() { WriteIndented = true };

    internal static LinuxKitDocument Document(string settings) => LinuxKitFiles.Parse(
        "kernel: {image: k}\nonboot:\n  - {name: other, image: o}\nservices:\n  - name: box\n    image: box\n"
        + string.Concat(settings.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => $"    {l.TrimEnd()}\n"))
        + "volumes:\n  - name: data\n  - {name: fixed, image: v, readonly: true}\n");

    private static ContainerSettings Settings(string text) => Document(text).Services[0].Settings;

    private static JsonObject Make(string settings) => Make(Settings(settings));

    private static JsonObject Make(ContainerSettings settings)
    {
        var (bag, document) = (new DiagnosticBag(), Document(""));
        var spec = new RuntimeSpec(document, bag).Make(document.Services[0], settings, Process);
        bag.ToImmutable().ShouldBeEmpty();
        return spec;
    }

    private static List<string> Words(JsonNode? list) => [.. (list as JsonArray ?? []).Select(w => (string)w!)];
}
