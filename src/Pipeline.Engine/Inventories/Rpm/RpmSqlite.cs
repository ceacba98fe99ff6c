using SQLitePCL;

namespace Pipeline.Engine.Inventories.Rpm;

/// <summary>Hands over every row of the table <c>Packages</c> in a copy of <c>rpmdb.sqlite</c>.</summary>
/// <remarks>
/// The file is somebody else's: its schema may hold views that never end and values that fill memory. So only a plain table
/// is read, with a limit on every value and on the work in all, and nothing of the schema is trusted.
/// </remarks>
internal static class RpmSqlite
{
    private const int LimitValueBytes = 256 << 20;
    private const int StepsBetweenLooks = 1_000_000;

    /// <summary>A database of 200 000 packages takes about three.</summary>
    private const int LimitLooks = 200;

    private const int LimitLength = 0;
    private const int ConfigDefensive = 1010;
    private const int ConfigTrustedSchema = 1017;

    static RpmSqlite() => Batteries_V2.Init();

    public delegate void Row(ReadOnlySpan<byte> blob);

    /// <param name="path">A copy that nobody else has: with a log beside it, it is changed.</param>
    /// <param name="hasLog">There is a <c>-wal</c> beside it, which is replayed.</param>
    /// <exception cref="InvalidDataException">It is no database of RPM's.</exception>
    public static void Read(string path, bool hasLog, Row row, CancellationToken ct)
    {
        // Without a log nothing may be written, not even the index of a log, which a database in WAL mode would ask for.
        var (name, flags) = hasLog
            ? (path, raw.SQLITE_OPEN_READWRITE)
            : ($"file:{Uri.EscapeDataString(path)}?immutable=1", raw.SQLITE_OPEN_READONLY | raw.SQLITE_OPEN_URI);
        var opened = raw.sqlite3_open_v2(name, out var database, flags, null);
        using (database)
        {
            Check(opened, database);
            Harden(database, ct);
            CheckTable(database);
            Query(database, "SELECT blob FROM Packages ORDER BY hnum", statement => row(raw.sqlite3_column_blob(statement, 0)));
            ct.ThrowIfCancellationRequested();
        }
    }

    private static void Harden(sqlite3 database, CancellationToken ct)
    {
        raw.sqlite3_limit(database, LimitLength, LimitValueBytes);
        raw.sqlite3_db_config(database, ConfigDefensive, 1, out _);
        raw.sqlite3_db_config(database, ConfigTrustedSchema, 0, out _);
        var looks = 0;
        raw.sqlite3_progress_handler(database, StepsBetweenLooks, _ => ++looks > LimitLooks || ct.IsCancellationRequested ? 1 : 0, null);
    }

    /// <summary>A view or a virtual table of that name would run what somebody else wrote.</summary>
    private static void CheckTable(sqlite3 database)
    {
        var isTable = false;
        Query(database, "SELECT type, rootpage FROM sqlite_master WHERE name = 'Packages'", statement =>
            isTable = raw.sqlite3_column_text(statement, 0).utf8_to_string() == "table" && raw.sqlite3_column_int(statement, 1) > 0);
        if (!isTable)
            throw new InvalidDataException("it has no table 'Packages'");
    }

    private static void Query(sqlite3 database, string sql, Action<sqlite3_stmt> row)
    {
        Check(raw.sqlite3_prepare_v2(database, sql, out var statement), database);
        using (statement)
        {
            int result;
            while ((result = raw.sqlite3_step(statement)) == raw.SQLITE_ROW)
                row(statement);
            if (result != raw.SQLITE_DONE)
                Check(result, database);
        }
    }

    private static void Check(int result, sqlite3 database)
    {
        if (result == raw.SQLITE_OK)
            return;
        throw result is raw.SQLITE_IOERR or raw.SQLITE_FULL or raw.SQLITE_CANTOPEN
            ? new IOException($"a copy of an RPM database cannot be read: {raw.sqlite3_errmsg(database).utf8_to_string()}")
            : new InvalidDataException($"SQLite says: {raw.sqlite3_errmsg(database).utf8_to_string()}");
    }
}
