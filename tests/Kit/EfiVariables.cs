using System.Buffers.Binary;
using System.Text;

namespace Pipeline.Kit;

/// <summary>
/// The variables that EDK2's firmware keeps, as it keeps them: a firmware volume with a store of authenticated variables
/// (UEFI PI 1.7 volume 3 §3.2.1; MdeModulePkg/Include/Guid/VariableFormat.h). Whoever reads them here is the firmware.
/// </summary>
public static class EfiVariables
{
    private const string EmptyStore = "/usr/share/OVMF/OVMF_VARS_4M.fd";

    /// <summary>Any number that the firmware has not given away itself.</summary>
    private const ushort Entry = 0x0099;

    private const uint KeptAndForAll = 7;           // NON_VOLATILE | BOOTSERVICE_ACCESS | RUNTIME_ACCESS
    private const ushort StartId = 0x55AA;
    private const byte Added = 0x3F;                // VAR_ADDED
    private const int VolumeLengthField = 48;       // HeaderLength of EFI_FIRMWARE_VOLUME_HEADER
    private const int StoreHeaderBytes = 28;        // VARIABLE_STORE_HEADER
    private const int RecordHeaderBytes = 60;       // AUTHENTICATED_VARIABLE_HEADER
    private static readonly Guid Global = new("8be4df61-93ca-11d2-aa0d-00e098032b8c");

    /// <summary>OVMF's variables with one entry, taken at the next start before all others: fetch a program by HTTP.</summary>
    public static byte[] BootingFrom(string url)
    {
        var store = File.ReadAllBytes(EmptyStore);
        var place = BinaryPrimitives.ReadUInt16LittleEndian(store.AsSpan(VolumeLengthField)) + StoreHeaderBytes;
        var next = new byte[sizeof(ushort)];
        BinaryPrimitives.WriteUInt16LittleEndian(next, Entry);
        foreach (var record in new[] { Record($"Boot{Entry:X4}", LoadOption("by HTTP", url)), Record("BootNext", next) })
        {
            record.CopyTo(store, place);
            place += record.Length;
        }
        return store;
    }

    /// <summary>EFI_LOAD_OPTION (UEFI 2.10 §3.1.3) whose path is an address alone: the firmware tries it with every network card that it has.</summary>
    private static byte[] LoadOption(string description, string url)
    {
        var (text, address) = (Encoding.Unicode.GetBytes(description + "\0"), Encoding.ASCII.GetBytes(url));
        var option = new byte[6 + text.Length + 4 + address.Length + 4];
        BinaryPrimitives.WriteUInt32LittleEndian(option, 1);                                            // Attributes: LOAD_OPTION_ACTIVE
        BinaryPrimitives.WriteUInt16LittleEndian(option.AsSpan(4), (ushort)(4 + address.Length + 4));   // FilePathListLength
        text.CopyTo(option, 6);
        var path = option.AsSpan(6 + text.Length);
        (path[0], path[1]) = (3, 24);                                                                   // messaging, URI
        BinaryPrimitives.WriteUInt16LittleEndian(path[2..], (ushort)(4 + address.Length));
        address.CopyTo(path[4..]);
        ReadOnlySpan<byte> end = [0x7F, 0xFF, 4, 0];
        end.CopyTo(path[(4 + address.Length)..]);
        return option;
    }

    private static byte[] Record(string name, byte[] data)
    {
        var text = Encoding.Unicode.GetBytes(name + "\0");
        var length = RecordHeaderBytes + text.Length + data.Length;
        var record = new byte[(length + 3) / 4 * 4];
        record.AsSpan(length).Fill(0xFF);
        BinaryPrimitives.WriteUInt16LittleEndian(record, StartId);
        record[2] = Added;
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(4), KeptAndForAll);                      // then MonotonicCount, TimeStamp, PubKeyIndex: zero
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(36), (uint)text.Length);                 // NameSize
        BinaryPrimitives.WriteUInt32LittleEndian(record.AsSpan(40), (uint)data.Length);                 // DataSize
        Global.TryWriteBytes(record.AsSpan(44));                                                        // VendorGuid
        text.CopyTo(record, RecordHeaderBytes);
        data.CopyTo(record, RecordHeaderBytes + text.Length);
        return record;
    }
}
