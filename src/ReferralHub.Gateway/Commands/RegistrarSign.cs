using System.CommandLine;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Keys;

namespace ReferralHub.Gateway.Commands;

/// <summary>
/// <c>registrar sign FILE --key DIR --out FILE</c>: adds one signature to what is to enter the directory, after showing what
/// it says. For an enrolment these are the digits or words that somebody reads out on the telephone. Needs no network.
/// Spec: docs/protocol.md §2.2, §4.2.
/// </summary>
internal static class RegistrarSign
{
    private const string OriginFile = "origin";

    private static readonly Argument<string> Input = new("FILE") { Description = "A payload, or an entry that others have signed." };
    private static readonly Option<string> Key = new("--key") { Description = "The registrar's folder.", Required = true };
    private static readonly Option<string> Out = new("--out") { Description = "Where the signed entry goes; FILE itself is allowed.", Required = true };
    private static readonly Option<string?> Digits = new("--fingerprint-digits") { Description = "The 60 digits as the agency read them out; asked for otherwise." };
    private static readonly Option<string?> Words = new("--fingerprint-words") { Description = "The 12 words as the agency read them out, instead of the digits." };
    private static readonly Option<bool> Yes = new("--yes") { Description = "Sign without asking; the comparison was made elsewhere." };
    private static readonly Option<string?> OriginOption = new("--origin") { Description = "The hub's origin; known once this registrar has signed its genesis." };

    /// <summary>What <c>registrar sign</c> prints.</summary>
    /// <param name="Typ">Kind of entry.</param>
    /// <param name="Digest">SHA-256 of the payload.</param>
    /// <param name="Signatures">How many have signed now.</param>
    /// <param name="Fingerprint">Of a genesis, once all have signed: F, SHA-256 of the entry; else null.</param>
    /// <param name="Digits">Of an enrolment: what was compared; else null.</param>
    /// <param name="Words">The same in twelve words.</param>
    internal sealed record Signed(string Typ, string Digest, int Signatures, string? Fingerprint, string? Digits, string? Words) : Output
    {
        public override void Print(TextWriter to)
        {
            to.WriteLine($"signed {Typ} {Digest}, {Signatures} signatures");
            if (Fingerprint is not null) to.WriteLine($"fingerprint: {Fingerprint}");
        }
    }

    public static Command Command() => Cli.Offline(
        "sign", "Sign a genesis, a policy, an enrolment, or what is decided about an agency.", [Input, Key, Out, Digits, Words, Yes, OriginOption, Passphrase.FileOption], async (parsed, ct) =>
        {
            var file = parsed.GetRequiredValue(Input);
            var folder = parsed.GetRequiredValue(Key);
            var bytes = await File.ReadAllBytesAsync(file, ct);
            if (!TryRead(bytes, out var entry)) throw Cli.Malformed($"{file}: neither a payload nor an entry of docs/protocol.md §4.2.");

            var origin = entry.Genesis?.Origin ?? OriginOf(parsed.GetValue(OriginOption), folder);
            var told = entry.Agency is { } enrol ? Told.Of(Fingerprint.Of(origin, enrol.Agency, enrol.Recovery))
                : entry.Change is { Recovery: { } recovery } change ? Told.Of(Fingerprint.Of(origin, change.Agency, recovery))
                : null;
            if (!parsed.GetValue(Yes)) Confirm(entry, told, parsed.GetValue(Digits), parsed.GetValue(Words));

            using var passphrase = Passphrase.Read(parsed);
            using var key = Load(Path.Combine(folder, RegistrarInit.KeyFileName), passphrase.Utf8);
            var signed = Add(entry, key);
            await File.WriteAllBytesAsync(parsed.GetRequiredValue(Out), signed.ToArray(), ct);
            if (entry.Genesis is not null) await File.WriteAllTextAsync(Path.Combine(folder, OriginFile), origin.ToString(), ct);
            var whole = entry.Genesis?.Registrars.Count == signed.Signatures.Count;
            return new Signed(
                entry.Typ, signed.PayloadDigest.ToString(), signed.Signatures.Count, whole ? Digest.Of(signed.ToArray()).ToString() : null, told?.Digits, told?.Words);
        });

    /// <summary>Reads what is to be signed; false unless it is well-formed, and unless every signature so far is over it.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> file, [NotNullWhen(true)] out Entry? entry)
    {
        var signatures = CoSigned.TryParse(file, out var signed) ? signed.Signatures : [];
        var payload = signed?.Payload ?? file.ToArray();
        entry = StrictJson.TryRead<Genesis>(payload.Span, out var genesis) && genesis.IsWellFormed ? new(Genesis.Typ, payload, signatures) { Genesis = genesis }
            : StrictJson.TryRead<JurisdictionPolicy>(payload.Span, out var policy) && policy.IsWellFormed ? new(JurisdictionPolicy.Typ, payload, signatures) { Policy = policy }
            : StrictJson.TryRead<AgencyEvent>(payload.Span, out var agency) && agency.IsWellFormed ? new(AgencyEvent.Typ, payload, signatures) { Agency = agency }
            : StrictJson.TryRead<AgencyChange>(payload.Span, out var change) && change.IsWellFormed
                && (AgencyChange.IsRegistrars(change.Event) || change.Event == AgencyChangeCode.ChangeRecovery) ? new(AgencyEvent.Typ, payload, signatures) { Change = change }
            : null;
        if (signed is not null && signed.Typ != entry?.Typ) entry = null;
        return entry is not null;
    }

    internal static CoSigned Add(Entry entry, SigningKey key)
    {
        if (entry.Genesis is { } genesis && !genesis.Registrars.Any(r => r.Key.Equals(key.VerifyingKey)))
            throw new CommandException("not-a-registrar", "This genesis does not name this registrar's key.");
        var others = entry.Signatures.Where(s => s.Kid != key.VerifyingKey.Thumbprint);
        return CoSigned.From([.. others, Jws.Sign(key, entry.Typ, entry.Payload.Span)]);
    }

    private static SigningKey Load(string file, ReadOnlySpan<byte> passphrase)
    {
        if (!KeyFile.TryLoad(file, passphrase, out var secrets, out var fault))
            throw new CommandException("wrong-passphrase", $"{file} does not open: {Code.Text(fault.Value)}.");
        using (secrets)
        {
            return secrets.Contains(RegistrarInit.SecretName)
                ? SigningKey.Import(secrets[RegistrarInit.SecretName])
                : throw Cli.Malformed($"{file} is not a registrar's key file.");
        }
    }

    private static Origin OriginOf(string? option, string folder)
    {
        var file = Path.Combine(folder, OriginFile);
        var text = option ?? (File.Exists(file) ? File.ReadAllText(file) : null)
            ?? throw new CommandException("no-origin", "--origin is not set, and this registrar has signed no genesis: name the hub's origin.");
        return Cli.Name<Origin>("--origin", text);
    }

    private static void Confirm(Entry entry, Told? told, string? digits, string? words)
    {
        if (told is not null && (digits ?? words) is not null)
        {
            if (told.IsSame(digits, words)) return;
            throw new CommandException("fingerprint-differs", "What was read out is not of this enrolment. Somebody else may have asked for it: do not sign.");
        }

        Console.Error.WriteLine(Encoding.ASCII.GetString(entry.Payload.Span));
        if (told is not null) Console.Error.WriteLine($"Call the agency on a number you know and let it read out these digits, or these words:\n  {told.Digits}\n  {told.Words}");
        if (Console.IsInputRedirected) throw new CommandException("not-confirmed", "Nobody is there to ask: set --fingerprint-digits, --fingerprint-words or --yes.");
        Console.Error.Write(told is null ? "Type yes to sign: " : "Type yes if they are the same: ");
        if (Console.ReadLine() != "yes") throw new CommandException("not-confirmed", "Not signed.");
    }

    /// <summary>A fingerprint in both of its forms.</summary>
    internal sealed record Told(string Digits, string Words)
    {
        public static Told Of(Digest fingerprint) => new(Fingerprint.Digits(fingerprint), Fingerprint.Words(fingerprint));

        /// <summary>Whether all that was read out is this one, however it was spaced and written.</summary>
        public bool IsSame(string? digits, string? words) =>
            (digits is null || OnlyDigits(digits) == OnlyDigits(Digits))
            && (words is null || words.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).SequenceEqual(Words.Split(' '), StringComparer.OrdinalIgnoreCase));

        private static string OnlyDigits(string text) => string.Concat(text.Where(char.IsAsciiDigit));
    }

    /// <summary>What is to be signed; exactly one of the four is not null.</summary>
    internal sealed record Entry(string Typ, ReadOnlyMemory<byte> Payload, IReadOnlyList<Jws> Signatures)
    {
        public Genesis? Genesis { get; init; }

        public JurisdictionPolicy? Policy { get; init; }

        public AgencyEvent? Agency { get; init; }

        public AgencyChange? Change { get; init; }
    }
}
