using Pipeline.Core.Files;

namespace Pipeline.Disk.Squashfs.Placing;

/// <summary>Owners and groups in one list, in the order in which they are met; inodes hold places in it.</summary>
internal sealed class IdMap
{
    private readonly List<uint> _ids = [];
    private readonly Dictionary<uint, int> _places = [];

    public IReadOnlyList<uint> Ids => _ids;

    public void Add(FileNode node)
    {
        Add(node.Uid);
        Add(node.Gid);
    }

    public ushort PlaceOf(uint id) => (ushort)_places[id];

    private void Add(uint id)
    {
        if (_places.TryAdd(id, _ids.Count))
            _ids.Add(id);
    }
}
