using System.Globalization;
using Pipeline.Core.Files;
using Pipeline.Engine.Manifests.Models;

namespace Pipeline.Engine.Building.Rootfs;

/// <summary>Adds the users of a manifest to the account tables of the tree, with home, keys and groups.</summary>
internal sealed class AccountsEditor(RootfsContext context)
{
    private const uint FirstUid = 1000;
    private const uint LastUid = 59_999;
    private const string LockedPassword = "!";

    /// <summary>No password fits. Unlike '!' it does not lock the account: sshd without PAM would refuse keys as well.</summary>
    private const string NoPassword = "*";
    private const string Unused = "";
    private readonly AccountFile _passwd = AccountFile.Read(context.Tree, "/etc/passwd", 0b110_100_100);
    private readonly AccountFile _shadow = AccountFile.Read(context.Tree, "/etc/shadow", 0b110_000_000);
    private readonly AccountFile _group = AccountFile.Read(context.Tree, "/etc/group", 0b110_100_100);
    private readonly AccountFile _vendorPasswd = AccountFile.Read(context.Tree, "/usr/lib/passwd", 0b110_100_100);
    private readonly AccountFile _vendorGroup = AccountFile.Read(context.Tree, "/usr/lib/group", 0b110_100_100);
    private readonly AccountFile _gshadow = AccountFile.Read(context.Tree, "/etc/gshadow", 0b110_000_000);

    public uint? OwnerId(ExtraFile file) => Number(file.Owner, _passwd.IdOf(file.Owner) ?? _vendorPasswd.IdOf(file.Owner), "user", file);

    public uint? GroupId(ExtraFile file) => Number(file.Group, _group.IdOf(file.Group) ?? _vendorGroup.IdOf(file.Group), "group", file);

    public void AddUsers()
    {
        var users = context.Job.Customization.Users;
        if (users.IsEmpty)
            return;
        foreach (var path in new[] { "/etc/passwd", "/etc/shadow", "/etc/group", "/etc/gshadow" })
        {
            if (TreeText.Problem(context.Tree, path) is not { } problem)
                continue;
            context.Bag.Add(BuildingRules.AccountsUnreadable, users[0].Span, path, problem);
            return;
        }
        foreach (var user in users)
            AddUser(user);
        var hasGroupShadow = context.Tree.Find("/etc/gshadow") is not null;
        foreach (var file in new[] { _passwd, _shadow, _group }.Concat(hasGroupShadow ? [_gshadow] : []))
            file.Write(context.Tree, context.Clock);
    }

    private uint? Number(string text, uint? known, string kind, ExtraFile extra)
    {
        if (uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return number;
        if (known is { } id)
            return id;
        // A container without account tables still has its root.
        if (text == "root")
            return 0;
        context.Bag.Add(BuildingRules.UnknownOwner, extra.Span, text, kind);
        return null;
    }

    private void AddUser(User user)
    {
        var line = _passwd.Find(user.Name);
        if (line is null)
            line = NewLine(user);
        else if (user.Uid is not null && line.Length > 2 && line[2] != Text(user.Uid.Value))
            context.Bag.Add(BuildingRules.UserExists, user.Span, user.Name);
        if (line is not { Length: >= 7 })
            return;
        if (user.Shell is not null)
            line[6] = user.Shell;
        SetPassword(user);
        foreach (var group in user.Groups)
            Join(group, user.Name);
        if (uint.TryParse(line[2], out var uid) && uint.TryParse(line[3], out var gid))
            context.Guarded(user.Span, line[5], () => AddHome(user, line[5], uid, gid));
    }

    private string[]? NewLine(User user)
    {
        var uid = user.Uid ?? FreeId();
        if ((_passwd.FindId(uid) ?? _vendorPasswd.FindId(uid)) is { } taken)
        {
            context.Bag.Add(BuildingRules.UidTaken, user.Span, user.Name, uid, taken[0]);
            return null;
        }
        var gid = _group.IdOf(user.Name) ?? (_group.FindId(uid) is null ? uid : FreeId());
        if (_group.Find(user.Name) is null)
        {
            _group.Add(user.Name, "x", Text(gid), Unused);
            _gshadow.Add(user.Name, LockedPassword, Unused, Unused);
        }
        string[] line = [user.Name, "x", Text(uid), Text(gid), Unused, user.Home ?? "/home/" + user.Name, user.Shell ?? DefaultShell()];
        _passwd.Add(line);
        return line;
    }

    /// <summary>bash where the source has it.</summary>
    private string DefaultShell() => context.Tree.Find("/bin/bash") is RegularFile ? "/bin/bash" : "/bin/sh";

    private uint FreeId()
    {
        for (var id = FirstUid; id < LastUid; id++)
        {
            if (AccountFile.IsFree(id, _passwd, _group, _vendorPasswd, _vendorGroup))
                return id;
        }
        return LastUid;
    }

    private void SetPassword(User user)
    {
        var hash = user.PasswordHash ?? NoPassword;
        if (_shadow.Find(user.Name) is { Length: > 1 } line)
            line[1] = hash;
        else
            _shadow.Add(user.Name, hash, DayOf(context.Clock), "0", "99999", "7", Unused, Unused, Unused);
    }

    private void Join(string group, string user)
    {
        // Image-based systems keep the groups of packages here (nss-altfiles); a changed one must stand in /etc.
        if (_group.Find(group) is null && _vendorGroup.Find(group) is { } vendor)
        {
            _group.Add([.. vendor]);
        }
        else if (_group.Find(group) is null)
        {
            _group.Add(group, "x", Text(FreeId()), Unused);
            _gshadow.Add(group, LockedPassword, Unused, Unused);
        }
        AddMember(_group.Find(group)!, user);
        if (_gshadow.Find(group) is { } shadow)
            AddMember(shadow, user);
    }

    private static void AddMember(string[] line, string user)
    {
        var members = line[^1].Split(',', StringSplitOptions.RemoveEmptyEntries);
        if (line.Length > 3 && !members.Contains(user))
            line[^1] = string.Join(',', members.Append(user));
    }

    private void AddHome(User user, string home, uint uid, uint gid)
    {
        var isNew = context.Tree.Find(home) is null;
        var directory = TreeFolders.Ensure(context.Tree, home, context.Clock);
        if (isNew)
        {
            (directory.Permissions, directory.Uid, directory.Gid) = (user.Name == "root" ? (ushort)0b111_000_000 : (ushort)0b111_101_000, uid, gid);
            CopySkeleton(directory, uid, gid);
        }
        if (user.SshKeys.IsEmpty)
            return;
        var keys = TreeFolders.Ensure(context.Tree, home + "/.ssh", context.Clock);
        (keys.Permissions, keys.Uid, keys.Gid) = (0b111_000_000, uid, gid);
        var path = home + "/.ssh/authorized_keys";
        TreeText.Write(context.Tree, path, string.Concat(user.SshKeys.Select(k => k.Trim() + "\n")), context.Clock, 0b110_000_000);
        var file = context.Tree.Find(path)!;
        (file.Uid, file.Gid) = (uid, gid);
    }

    private void CopySkeleton(DirectoryNode home, uint uid, uint gid)
    {
        if (context.Tree.Find("/etc/skel") is not DirectoryNode skeleton)
            return;
        var copy = new FileTree(skeleton).Clone();
        foreach (var (_, node) in copy.Walk())
            (node.Uid, node.Gid) = (uid, gid);
        foreach (var (name, node) in copy.Root.Children)
            home.Set(name, node);
    }

    private static string DayOf(UnixTime clock) => (clock.Seconds / 86_400).ToString(CultureInfo.InvariantCulture);

    private static string Text(uint number) => number.ToString(CultureInfo.InvariantCulture);
}
