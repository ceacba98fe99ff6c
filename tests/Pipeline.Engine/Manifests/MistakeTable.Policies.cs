namespace Pipeline.Engine.Manifests;

/// <summary>The mistakes of policies: when and from which tag an image is built.</summary>
internal static partial class MistakeTable
{
    private static Mistake[] Policies =>
    [
        Follow("two things to follow", "{tag: stable, semver: ^1}", "PL1180 3:9"),
        Follow("nothing to follow", "{pick: lowest}", "PL1180 3:9"),
        new("a tag to follow and a tag in the source", Kiosk, "boards: [box]", "follow: {tag: stable}\nboards: [box]", "PL1181 2:9"),
        new("a range for a source that is no registry", Kiosk, "source: registry.example/kiosk:1", "source: oci:layout\nfollow: {semver: ^1}", "PL1181 2:9"),
        Follow("a range that is none", "{semver: '>=one'}", "PL1182 3:18"),
        Follow("a pattern that is none", "{pattern: '(a'}", "PL1183 3:19"),
        Follow("a pattern that looks back", "{pattern: '(a)\\1'}", "PL1183 3:19"),
        Follow("a group that is not there", "{pattern: '^v(.*)$', extract: $2}", "PL1184 3:39"),
        Follow("an order for a range", "{semver: ^1, order: numerical}", "PL1185 3:22"),
        Follow("a tag that is none", "{tag: a/b}", "PL1189 3:15"),
        Follow("an order that is none", "{pattern: a, order: random}", "PL1007 3:29"),
        new("a hold until some day", Kiosk, "boards: [box]", "hold: {until: Christmas}\nboards: [box]", "PL1186 3:15"),
        new("a hold that holds nothing", Kiosk, "boards: [box]", "hold: {}\nboards: [box]", "PL1191 3:7"),
        new("days that are no list", Kiosk, "boards: [box]", "hold: {windows: [{days: sat}]}\nboards: [box]", "PL1006 3:25"),
        new("windows without a gap", Kiosk, "boards: [box]", "hold: {windows: [{from: \"06:00\", to: \"06:00\"}]}\nboards: [box]", "PL1190 3:7"),
        new("a window at some time", Kiosk, "boards: [box]", "hold: {windows: [{from: noon}]}\nboards: [box]", "PL1187 3:25"),
        new("a window on some day", Kiosk, "boards: [box]", "hold: {windows: [{days: [friday]}]}\nboards: [box]", "PL1007 3:26"),
        new("an age in words", Kiosk, "boards: [box]", "minimumAge: a week\nboards: [box]", "PL1188 3:13"),
        new("an age of years", Kiosk, "boards: [box]", "minimumAge: 99w\nboards: [box]", "PL1188 3:13"),
        new("another way to publish", Kiosk, "boards: [box]", "publish: some\nboards: [box]", "PL1007 3:10"),
    ];

    private static Mistake Follow(string title, string follow, string expected) =>
        new(title, Kiosk, "source: registry.example/kiosk:1", "source: registry.example/kiosk\nfollow: " + follow, expected);
}
