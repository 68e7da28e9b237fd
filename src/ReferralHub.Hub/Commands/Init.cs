using System.CommandLine;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Hub.Identity;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Hub.Commands;

/// <summary>
/// <c>referralhub init</c>: makes the data folder, the hub's keys and its CA, and the genesis that the registrars sign.
/// Nothing of it counts before they have.
/// </summary>
internal static class Init
{
    private static readonly Option<string> OriginName = new("--origin") { Description = "The hub's name in its logs; it never changes", Required = true };
    private static readonly Option<string[]> Registrars = new("--registrar") { Description = "NAME=KEY as 'referral-gateway registrar init' printed it; once for each registrar", Required = true };
    private static readonly Option<int> Threshold = new("--threshold") { Description = "How many registrars admit an agency: more than half", Required = true };
    private static readonly Option<string> Url = new("--url") { Description = "Where agencies reach the hub", DefaultValueFactory = _ => "https://localhost:7443" };
    private static readonly Option<string?> Engine = new("--engine") { Description = "A file that says where PostgreSQL is (docs/operations.md); without it the hub keeps everything in its folder" };
    private static readonly Option<string[]> Names = new("--name") { Description = "A further host name or address of the server's certificate" };

    public static Command Make() => new Command("init", "Make a new hub")
    {
        OriginName, Registrars, Threshold, Url, Names, Engine,
    }.Does((parse, ct) => Task.FromResult(Run(
        parse.GetValue(Shell.Data)!,
        parse.GetValue(OriginName)!,
        parse.GetValue(Registrars)!,
        parse.GetValue(Threshold),
        parse.GetValue(Url)!,
        parse.GetValue(Names) ?? [],
        parse.GetValue(Engine),
        TimeProvider.System)));

    internal static Answer Run(
        string root, string originText, IReadOnlyList<string> registrarTexts, int threshold, string urlText, IReadOnlyList<string> names,
        string? engine, TimeProvider clock)
    {
        if (!Origin.TryParse(originText, out var origin))
            throw new SettingsException("--origin", originText, "Give 1 to 63 of a-z 0-9 . - with a letter or digit at both ends.");
        if (!Uri.TryCreate(urlText, UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps || url.PathAndQuery != "/")
            throw new SettingsException("--url", urlText, "Give https://HOST:PORT without a path.");
        var registrars = registrarTexts.Select(ReadRegistrar).ToList();
        if (registrars.Select(r => r.Key).Distinct().Count() != registrars.Count || registrars.Count > 15)
            throw new SettingsException("--registrar", string.Join(' ', registrarTexts), "Give 1 to 15 registrars with a key of its own each.");
        if (threshold > registrars.Count || threshold * 2 <= registrars.Count)
            throw new SettingsException("--threshold", $"{threshold}", $"Of {registrars.Count} registrars more than half must sign.");

        if (engine is not null) EngineSettings.Read(engine).Check();

        var data = DataFolder.Create(root);
        if (engine is not null) File.Copy(engine, data.Engine);
        HubKeys.Create(data);
        CertificateAuthority.Create(data, origin, clock.GetUtcNow());
        using var keys = HubKeys.Load(data, origin);
        using var ca = CertificateAuthority.Load(data);
        var genesis = new Genesis
        {
            Origin = origin,
            IssuedAt = clock.GetUtcNow(),
            Registrars = registrars,
            Threshold = threshold,
            Hub = keys.Statements.VerifyingKey,
            DirectoryLog = keys.DirectoryLog.Key.ToString(),
            AuditLog = keys.AuditLog.Key.ToString(),
            Cosigner = keys.Cosigner.Key.ToString(),
            Ca = ca.Spki,
        };
        File.WriteAllBytes(data.Genesis, StrictJson.Write(genesis));
        // Last: a folder with settings is a hub.
        data.WriteSettings(new(origin, url.GetLeftPart(UriPartial.Authority), [.. names.Append(url.Host).Append("localhost").Append("127.0.0.1").Distinct()]));
        return new(
            new { data = data.Root, genesis = data.Genesis },
            $"""
            made a hub in {data.Root}
            every registrar signs   {data.Genesis}
              with                  referral-gateway registrar sign FILE --key DIR --out SIGNED
            then                    referralhub genesis complete SIGNED… --data {data.Root}
            """);
    }

    private static Registrar ReadRegistrar(string text)
    {
        if (text.Split('=', 2) is [var name, var key]
            && AgencyId.TryParse(name, out var id)
            && CanonicalBase64.Url.TryDecode(key, out var raw)
            && VerifyingKey.TryImport(raw, out var verifying))
        {
            return new(id.ToString(), verifying);
        }

        throw new SettingsException("--registrar", text, "Give NAME=KEY as 'referral-gateway registrar init' printed it.");
    }
}
