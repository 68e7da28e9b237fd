using System.Net.Sockets;
using System.Security.Authentication;
using Npgsql;
using ReferralHub.Hub;

namespace ReferralHub.Tests.Hub;

public sealed class PostgresTests : IDisposable
{
    private static readonly PostgresSettings Here = new("127.0.0.1", 5432, "hub", "rh");

    private readonly string _file = Path.GetTempFileName();

    public static TheoryData<Exception, string> Troubles => new()
    {
        { Answered(PostgresErrorCodes.InvalidPassword), "postgres.user = 'rh': PostgreSQL does not let it in" },
        { Answered(PostgresErrorCodes.InvalidCatalogName), "postgres.database = 'hub': There is no such database: make it with 'createdb --owner rh hub'" },
        { Answered(PostgresErrorCodes.InsufficientPrivilege), "postgres.user = 'rh': It may not make tables" },
        { Answered(PostgresErrorCodes.DiskFull), "postgres.database = 'hub': It cannot be used (53100 " },
        { new NpgsqlException("", new SocketException(111)), "postgres.host = '127.0.0.1:5432': Nothing answers there" },
        { new NpgsqlException("", new TimeoutException()), "postgres.host = '127.0.0.1:5432': Nothing answers there" },
        { new NpgsqlException("", new AuthenticationException()), "postgres.tls = '127.0.0.1': The server's certificate is not accepted" },
        { new NpgsqlException("", new EndOfStreamException()), "postgres.host = '127.0.0.1:5432': What answers there does not speak as PostgreSQL does" },
    };

    [Theory, MemberData(nameof(Troubles), DisableDiscoveryEnumeration = true)]
    public void What_goes_wrong_at_start_names_the_setting_its_value_and_what_to_do(Exception trouble, string told) =>
        Assert.StartsWith(told, new Postgres(Here).Explain(trouble).Message, StringComparison.Ordinal);

    [Fact]
    public void One_that_is_too_old_is_named_with_what_to_do()
    {
        Postgres.CheckVersion(new(15, 0), "db:5432");
        var error = Assert.Throws<SettingsException>(() => Postgres.CheckVersion(new(14, 9), "db:5432"));
        Assert.Equal("postgres.host = 'db:5432': PostgreSQL 14.9 is too old: give 15 or newer.", error.Message);
    }

    [Theory]
    [InlineData("localhost", true)]
    [InlineData("127.0.0.1", true)]
    [InlineData("::1", true)]
    [InlineData("db.example", false)]
    [InlineData("192.0.2.1", false)]
    public void Without_tls_it_is_on_this_machine(string host, bool taken)
    {
        var error = Record.Exception(() => new Postgres(Here with { Host = host }));
        if (taken) Assert.Null(error);
        else Assert.StartsWith($"postgres.host = '{host}': It is another machine", Assert.IsType<SettingsException>(error).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_certificate_comes_with_its_key() =>
        Assert.StartsWith(
            "postgres.tls = 'db.example': ",
            Assert.Throws<SettingsException>(() => new Postgres(Here with { Host = "db.example", Tls = new("ca.pem") { Certificate = "hub.pem" } })).Message,
            StringComparison.Ordinal);

    [Fact]
    public void A_password_is_in_its_file()
    {
        var settings = Here with { PasswordFile = _file };
        Assert.StartsWith($"postgres.passwordFile = '{_file}': The file is empty", Assert.Throws<SettingsException>(() => new Postgres(settings)).Message, StringComparison.Ordinal);
        File.WriteAllText(_file, "secret\n");
        _ = new Postgres(settings);
        File.Delete(_file);
        Assert.StartsWith($"postgres.passwordFile = '{_file}': The file cannot be read", Assert.Throws<SettingsException>(() => new Postgres(settings)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{}")]
    [InlineData("""{"postgres":{"host":"h","port":1,"database":"d","user":"u"}}""")]
    [InlineData("""{"postgres":{"host":"h","port":1,"database":"d","user":"u","password":"p"}}""")]
    [InlineData("""{"postgres":{"host":"h","port":"1","database":"d","user":"u"}}""")]
    public void An_engine_file_of_another_form_is_named(string text)
    {
        File.WriteAllText(_file, text);
        Assert.StartsWith($"engine = '{_file}': The file is not of the form", Assert.Throws<SettingsException>(() => EngineSettings.Read(_file)).Message, StringComparison.Ordinal);
    }

    public void Dispose() => File.Delete(_file);

    private static PostgresException Answered(string state) => new("told by the server", "FATAL", "FATAL", state);
}
