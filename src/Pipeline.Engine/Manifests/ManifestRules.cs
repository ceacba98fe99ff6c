using Pipeline.Core.Diagnostics;

namespace Pipeline.Engine.Manifests;

/// <summary>What can be wrong with a repository of manifests.</summary>
public static class ManifestRules
{
    // Files and YAML

    public static readonly Rule NoRepository =
        new("PL1000", Severity.Error, "there is neither pipeline.yaml nor images/ in '{0}'; run `pipeline init` there or name a repository with --repo");

    public static readonly Rule Unreadable = new("PL1001", Severity.Error, "'{0}' cannot be read: {1}; a manifest is a UTF-8 text file of at most 1 MiB");

    public static readonly Rule Syntax = new("PL1002", Severity.Error, "this is not YAML: {0}");

    public static readonly Rule DuplicateKey = new("PL1003", Severity.Error, "the key '{0}' is already at {1}; remove one of the two");

    public static readonly Rule UnknownKey = new("PL1004", Severity.Error, "unknown key '{0}' in {1}; {2}");

    public static readonly Rule MissingKey = new("PL1005", Severity.Error, "missing key '{0}' in {1}; add it, for example `{2}`");

    public static readonly Rule WrongType = new("PL1006", Severity.Error, "'{0}' must be {1}, found {2}{3}");

    public static readonly Rule NotAllowed = new("PL1007", Severity.Error, "'{0}' is not a value of '{1}'; {2}");

    public static readonly Rule WrongForm = new("PL1008", Severity.Error, "'{0}' is not {1}; write for example '{2}'");

    public static readonly Rule OutOfRange = new("PL1009", Severity.Error, "'{0}' is out of range for '{1}'; write a number from {2} to {3}");

    public static readonly Rule ItemCount = new("PL1010", Severity.Error, "'{0}' has too few or too many items; write {1} to {2} of them");

    public static readonly Rule RepeatedItem = new("PL1011", Severity.Error, "an item of '{0}' is there twice; remove one of the two");

    public static readonly Rule TooMuch = new("PL1012", Severity.Error, "this is more than a manifest may hold: {0}; make it smaller or plainer");

    public static readonly Rule SizeWithoutUnit =
        new("PL1013", Severity.Error, "'{0}' has no unit; write '{0}MiB', '{0}KiB', '{0}B' or 'sector {0}', whichever is meant");

    public static readonly Rule SizeNotUnderstood =
        new("PL1014", Severity.Error, "'{0}' is not a size; write a number and B, KiB, MiB, GiB, TiB, kB, MB, GB or TB, such as '512MiB'{1}");

    public static readonly Rule FileName = new("PL1015", Severity.Error, "'{0}' is not a name for {1}; use lower-case letters, digits, '.', '_' and '-', at most 64, a letter or digit first and last");

    public static readonly Rule PassedOver = new("PL1016", Severity.Warning, "'{0}' is passed over: {1}");

    // The repository as a whole

    public static readonly Rule UnknownBase = new("PL1020", Severity.Error, "there is no image '{0}' to extend; {1}");

    public static readonly Rule ExtendsCycle = new("PL1021", Severity.Error, "the manifests extend each other in a circle: {0}; remove one of the extends");

    public static readonly Rule BaseOutside = new("PL1022", Severity.Error, "'{0}' is not a .yaml file of the repository; extend an image by its name or by a relative path such as '../base/image.yaml'");

    public static readonly Rule BaseUnreadable = new("PL1023", Severity.Warning, "the manifest '{0}' that is extended here could not be read, so the image cannot be built; mend that one");

    public static readonly Rule NoSource = new("PL1026", Severity.Error, "the image has no source; add `source: HOST/NAME:TAG`, extend a manifest that has one, or say `abstract: true`");

    public static readonly Rule NoBoards = new("PL1027", Severity.Error, "the image has no boards; add `boards: [uefi-x86_64]`, extend a manifest that has some, or say `abstract: true`");

    public static readonly Rule UnknownBoard = new("PL1030", Severity.Error, "unknown board '{0}'; {1}");

    public static readonly Rule InvalidBoard = new("PL1031", Severity.Warning, "the board '{0}' has mistakes of its own, so the image cannot be built; mend {1}");

    public static readonly Rule BoardTwice = new("PL1032", Severity.Error, "the board '{0}' is named twice; remove one of the two");

    public static readonly Rule OutputTwice = new("PL1033", Severity.Error, "the output '{0}' is named twice; remove one of the two");

    public static readonly Rule SourceSyntax = new("PL1034", Severity.Error, "'{0}' is not a source: {1}");

    public static readonly Rule CommandMissing = new("PL1035", Severity.Error, "there is no script '{0}' for this source; add it or name another");

    public static readonly Rule PathOutside = new("PL1036", Severity.Error, "'{0}' leads out of {1}; name a file inside it by a relative path");

    public static readonly Rule LabelName = new("PL1037", Severity.Error, "'{0}' is not the name of a label; use letters, digits, '.', '_', '-' and '/', at most 128");

    public static readonly Rule NotDiscoverable =
        new("PL1038", Severity.Error, "fstab: discoverable does not work on board '{0}': {1}; write generate");

    public static readonly Rule LinuxKitOutput =
        new("PL1170", Severity.Error, "an output of kind {0} is made of a LinuxKit source only; write netboot, or name a source linuxkit:FILE");

    public static readonly Rule LinuxKitRoot =
        new("PL1171", Severity.Error, "the root of a system of several containers is its initrd, not {0}; leave root out, or write kernel+squashfs for the kernel's own root");

    // customize

    public static readonly Rule Hostname =
        new("PL1040", Severity.Error, "'{0}' is not a host name; use letters, digits and '-' in parts of at most 63, joined by '.', at most 64 in all");

    public static readonly Rule KernelArgument = new("PL1041", Severity.Error, "'{0}' is not one kernel argument: {1}");

    public static readonly Rule Locale = new("PL1042", Severity.Error, "'{0}' is not a locale; write LANGUAGE_COUNTRY.UTF-8 or C.UTF-8, such as 'de_DE.UTF-8'");

    public static readonly Rule Timezone = new("PL1043", Severity.Error, "'{0}' is not a time zone; write a name of the time zone database such as 'Europe/Berlin' or 'UTC'");

    public static readonly Rule RelativePath = new("PL1044", Severity.Error, "'{0}' is not absolute; begin it with '/'");

    public static readonly Rule UnclearPath = new("PL1045", Severity.Error, "'{0}' is not a plain path: {1}");

    public static readonly Rule FileContent = new("PL1046", Severity.Error, "'{0}' has {1}; give exactly one of source, text, link and directory");

    public static readonly Rule FileMissing = new("PL1047", Severity.Error, "there is no file '{0}' in the repository (looked in {1}); add it or mend the path");

    public static readonly Rule Mode = new("PL1048", Severity.Error, "'{0}' is not a mode; write three or four octal digits, such as '0644'");

    public static readonly Rule Owner = new("PL1049", Severity.Error, "'{0}' is not an owner; write USER or USER:GROUP, names or numbers, such as 'root:root'");

    public static readonly Rule DuplicateFile = new("PL1050", Severity.Error, "the path '{0}' is already written at {1}; remove one of the two");

    public static readonly Rule FileBelowFile = new("PL1051", Severity.Error, "'{0}' lies below '{1}', which is {2} at {3}; a file cannot lie in it");

    public static readonly Rule UserName = new("PL1052", Severity.Error, "'{0}' is not a {1} name; use lower-case letters, digits, '-' and '_', at most 32, a letter or '_' first");

    public static readonly Rule DuplicateUser = new("PL1053", Severity.Error, "{0} is already taken at {1}; choose another");

    public static readonly Rule PlainPassword =
        new("PL1054", Severity.Error, "this is not a password hash (it may be the password itself, so it is not shown); write what `openssl passwd -6` prints");

    public static readonly Rule SshKey = new("PL1055", Severity.Error, "this is not an SSH public key: {0}; paste one line of a .pub file");

    public static readonly Rule PrivateKey = new("PL1056", Severity.Error, "this looks like a private key, which must never be in a repository; remove it, make a new pair, and paste the line of its .pub file");

    public static readonly Rule ModeOfLink = new("PL1057", Severity.Error, "a symbolic link has no mode of its own; remove it");

    // Boards

    public static readonly Rule Platform = new("PL1060", Severity.Error, "'{0}' is not a platform: {1}");

    public static readonly Rule PartitionType = new("PL1061", Severity.Error, "the type '{0}' does not go into {1}; {2}");

    public static readonly Rule MountWithoutFileSystem = new("PL1062", Severity.Error, "the partition '{0}' is mounted at '{1}' but has no file system to hold files; add `filesystem: ext4` or remove the mount");

    public static readonly Rule MountTwice = new("PL1063", Severity.Error, "'{0}' is already the mount point of '{1}' at {2}; mount only one of them there");

    public static readonly Rule NoRoot = new("PL1064", Severity.Error, "no partition is mounted at '/'; add `mount: /` to the root partition");

    public static readonly Rule LabelTooLong = new("PL1067", Severity.Error, "the label '{0}' has {1} bytes, {2} holds {3}; shorten it");

    public static readonly Rule LabelCharacters = new("PL1068", Severity.Error, "the label '{0}' has a control character; remove it");

    public static readonly Rule NameTwice = new("PL1070", Severity.Error, "the name '{0}' is already at {1}; choose another");

    public static readonly Rule FlagNotHere = new("PL1071", Severity.Error, "the flag '{0}' does not exist in {1}; {2}");

    public static readonly Rule Identifier = new("PL1072", Severity.Error, "'{0}' is not {1}");

    public static readonly Rule IdentifierTwice = new("PL1073", Severity.Error, "the identifier '{0}' is already at {1}; identifiers must differ");

    public static readonly Rule KeyNotHere = new("PL1075", Severity.Error, "'{0}' means nothing {1}; remove it");

    public static readonly Rule NeedsEsp = new("PL1076", Severity.Error, "the boot method {0} needs an EFI system partition; add one with `type: esp`, `filesystem: fat` and a mount such as /boot/efi");

    public static readonly Rule ExtlinuxUnseen = new("PL1077", Severity.Error, "U-Boot would not find {2} on the partition '{0}': {1}");

    public static readonly Rule RootNotDiscoverable = new("PL1078", Severity.Error, "root: discoverable needs {0}; write partuuid or uuid");

    public static readonly Rule BlobFrom = new("PL1079", Severity.Error, "the blob '{0}' has {1}; give exactly one of container, file, image with path, and deb with path");

    public static readonly Rule GeometryAlone = new("PL1080", Severity.Error, "heads and sectorsPerTrack go together; add '{0}'");

    public static readonly Rule FirmwareNeedsFat = new("PL1081", Severity.Error, "firmware files need a FAT partition to lie on; add one with `type: esp` (or 0x0c on an MBR) and `filesystem: fat`");

    public static readonly Rule FatOnEsp = new("PL1082", Severity.Error, "the EFI system partition '{0}' has no FAT file system; firmware reads no other; write `filesystem: fat`");

    public static readonly Rule RootFileSystem = new("PL1083", Severity.Error, "the root file system cannot be {0}, which holds neither owners nor modes; write ext4");

    public static readonly Rule PackingWord = new("PL1124", Severity.Error, "{0} is not packed with {1}; expected {2}");

    public static readonly Rule PackingLevel = new("PL1099", Severity.Error, "{0} has no level {1}; expected {2} to {3}");

    public static readonly Rule BlobChecksum = new("PL1084", Severity.Error, "the file of the blob '{0}' has the checksum {1}; if that is the right file, write it here");

    public static readonly Rule BlobTooLong = new("PL1085", Severity.Error, "the file of the blob '{0}' has {1} bytes, its limit is {2}; raise the limit or take a smaller file");

    public static readonly Rule NotOnSector = new("PL1086", Severity.Error, "'{0}' is {1} bytes, which is not a multiple of the sector size {2}; write 'sector N'");

    public static readonly Rule HybridMbr = new("PL1087", Severity.Warning, "a hybrid MBR is forbidden by EBBR, and tools that write one of its two tables forget the other; keep it only for a boot ROM that reads no GPT (Raspberry Pi 0 to 3)");

    public static readonly Rule NoSuchPartition = new("PL1088", Severity.Error, "there is no partition '{0}'; {1}");

    public static readonly Rule BlobWithoutChecksum = new("PL1089", Severity.Warning, "the file of the blob '{0}' is taken as it is; write `sha256: {1}` beside it, so that no other is written by mistake");

    public static readonly Rule CopyOf = new("PL1092", Severity.Error, "'{0}' cannot be a copy of '{1}': {2}");

    public static readonly Rule CopySmaller = new("PL1093", Severity.Error, "'{0}' has {1} and its original '{2}' has {3}; what fills one slot must fit the other, so give both the same size");

    public static readonly Rule KeepOutside = new("PL1094", Severity.Error, "the blob '{0}' covers bytes {1} to {2}, so there is nothing to keep at {3} to {4}; offsets of 'keep' are places of the medium");

    public static readonly Rule BlobHeader = new("PL1095", Severity.Error, "the file of the blob '{0}' is not {1}: {2}; take the right file, or mend 'expect'");

    public static readonly Rule EfiName = new("PL1096", Severity.Error, "{0} firmware does not load '{1}'; name it {2}");

    public static readonly Rule RawUnprotected = new("PL1097", Severity.Warning, "nothing says that the partition '{0}' around the blob '{1}' must stay; {2}");

    public static readonly Rule GrubBiosNeeds = new("PL1120", Severity.Error, "the boot method grub-bios needs {0}; {1}");

    public static readonly Rule MethodsClash = new("PL1121", Severity.Error, "the boot methods {0} and {1} do not go together: {2}; keep one of them");

    public static readonly Rule BootScriptNeeds = new("PL1122", Severity.Error, "the boot method boot-scr starts kernels for Arm and RISC-V only; take grub-efi, or platform linux/arm64");

    public static readonly Rule RaspberryPiNeeds = new("PL1123", Severity.Error, "the boot method raspberrypi needs {0}; {1}");

    // outputs

    public static readonly Rule LiveLabel = new("PL1133", Severity.Error, "the label '{0}' {1}; write {2}");

    public static readonly Rule ExcludePattern = new("PL1134", Severity.Error, "'{0}' is no pattern of paths in the image: {1}");

    public static readonly Rule BaseUrl = new("PL1135", Severity.Error, "'{0}' is no address that files can be fetched below; write such as http://boot.example/kiosk/ (http, https, ftp or tftp, without user and query)");

    public static readonly Rule EfiWithoutAddress = new("PL1140", Severity.Error, "the program that UEFI firmware fetches starts without a script, so the address of the {0} that it fetches next stands in it; write `baseUrl: http://HOST/` beside efi, or `root: initrd`");

    public static readonly Rule PersistenceTooSmall = new("PL1141", Severity.Error, "{0} hold no file system that keeps what is written; give persistence at least {1}, and room for what will be written");

    public static readonly Rule PayloadSource = new("PL1136", Severity.Error, "'{0}' cannot be a payload: {1} has no documents whose digests a copy could keep; name the image in a registry, or as oci:DIR or oci-archive:FILE");

    public static readonly Rule PayloadName = new("PL1137", Severity.Error, "the payload '{0}' has no name for the system that carries it: {1}; write `name: HOST/NAME:TAG`");

    // pipeline.yaml

    public static readonly Rule RegistryHost = new("PL1090", Severity.Error, "'{0}' is not a registry; write HOST[:PORT][/PATH] without https://, such as 'ghcr.io'");

    public static readonly Rule CertificateMissing = new("PL1091", Severity.Error, "there is no certificate file '{0}' in the repository; add it or mend the path");

    public static readonly Rule TwoStores = new("PL1130", Severity.Error, "releases names '{0}' beside '{1}', and there is one place for releases; keep one of directory, github and registry");

    public static readonly Rule ReleasePlace = new("PL1131", Severity.Error, "'{0}' is no place for releases in a registry: {1}");

    public static readonly Rule CachePlace = new("PL1139", Severity.Error, "'{0}' is no place for a shared cache in a registry: {1}");

    public static readonly Rule GitHubApi = new("PL1132", Severity.Error, "'{0}' is not the address of GitHub's REST API; expected https://HOST/api/v3 (without TLS on loopback only)");

    public static readonly Rule TemplateUnreadable = new("PL1150", Severity.Error, "'{0}' is no template of release notes: {1}");

    public static readonly Rule TemplateTag = new("PL1151", Severity.Error, "the template of release notes is not understood: {0}");

    public static readonly Rule TemplateName = new("PL1152", Severity.Error, "there is no '{0}' in release notes; {1}");

    public static readonly Rule PublicKeyMissing = new("PL1155", Severity.Error, "there is no file '{0}' with a public key in the repository; 'pipeline key show' writes one");

    public static readonly Rule PublicKeyUnusable = new("PL1156", Severity.Error, "'{0}' is not a public key that signatures can be checked with: {1}; 'pipeline key show' writes one");

    public static readonly Rule SigningKeyBare = new("PL1157", Severity.Warning, "the private key '{0}' lies in the repository and is not encrypted; keep it elsewhere (PIPELINE_SIGNING_KEY), or encrypt it with 'openssl pkcs8 -topk8'");

    public static readonly Rule BuilderAddress = new("PL1158", Severity.Error, "'{0}' does not name a builder; expected a URI such as https://ci.example/images, without a user and a query");
}
