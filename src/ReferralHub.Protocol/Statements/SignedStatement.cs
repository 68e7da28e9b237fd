using System.Diagnostics.CodeAnalysis;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>A statement together with the token that carries it. The token's bytes are authoritative.</summary>
/// <remarks>Reading one checks its form only. Whose signature it is, <see cref="Jws.IsSignedBy"/> tells with a key from the directory.</remarks>
public sealed class SignedStatement
{
    /// <summary>The longest token of a statement in bytes. No member of any kind is unbounded, so only padding could be longer.</summary>
    public const int MaxSize = 4096;

    private SignedStatement(Jws jws, Statement statement)
    {
        Jws = jws;
        Statement = statement;
    }

    /// <summary>The token.</summary>
    public Jws Jws { get; }

    /// <summary>What it says.</summary>
    public Statement Statement { get; }

    /// <summary>The statement id, docs/protocol.md §3.1.</summary>
    public Digest Id => Jws.Id;

    /// <summary>Signs a statement.</summary>
    /// <exception cref="ArgumentException"><paramref name="statement"/> contradicts itself, see docs/protocol.md §3.3.</exception>
    public static SignedStatement Sign(SigningKey key, Statement statement)
    {
        ArgumentNullException.ThrowIfNull(statement);
        var payload = StrictJson.Write(statement);
        if (!TryRead(statement.Kind, payload, out var read))
            throw new ArgumentException($"This {Code.Text(statement.Kind)} breaks docs/protocol.md §3.3.", nameof(statement));
        return new SignedStatement(Jws.Sign(key, statement.Kind.Typ(), payload), read);
    }

    /// <summary>Reads a token; false unless it is a statement of a known kind in exactly the form of docs/protocol.md §3.</summary>
    public static bool TryRead(ReadOnlySpan<byte> token, [NotNullWhen(true)] out SignedStatement? value)
    {
        value = token.Length <= MaxSize && Jws.TryParse(token, out var jws) && StatementKinds.TryParse(jws.Typ, out var kind) && TryRead(kind, jws.Payload.Span, out var statement)
            ? new SignedStatement(jws, statement)
            : null;
        return value is not null;
    }

    /// <inheritdoc cref="TryRead(ReadOnlySpan{byte}, out SignedStatement)"/>
    public static bool TryRead(string token, [NotNullWhen(true)] out SignedStatement? value) =>
        // What is not ASCII becomes a question mark, which is no letter of base64.
        TryRead(System.Text.Encoding.ASCII.GetBytes(token), out value);

    private static bool TryRead(StatementKind kind, ReadOnlySpan<byte> payload, [NotNullWhen(true)] out Statement? statement)
    {
        statement = kind switch
        {
            StatementKind.Agreement => Read<Agreement>(payload),
            StatementKind.Consent => Read<Consent>(payload),
            StatementKind.Referral => Read<Referral>(payload),
            StatementKind.Acknowledgement => Read<Acknowledgement>(payload),
            StatementKind.SenderAct => Read<SenderAct>(payload),
            StatementKind.ReleaseRequest => Read<ReleaseRequest>(payload),
            StatementKind.Access => Read<Access>(payload),
            StatementKind.ConsentRevocation => Read<ConsentRevocation>(payload),
            StatementKind.RevocationNotice => Read<RevocationNotice>(payload),
            StatementKind.Approval => Read<Approval>(payload),
            StatementKind.LegalHold => Read<LegalHold>(payload),
            StatementKind.ErasureReceipt => Read<ErasureReceipt>(payload),
            StatementKind.Profile => Read<Profile>(payload),
            StatementKind.Capacity => Read<Capacity>(payload),
            StatementKind.HubReceipt => Read<HubReceipt>(payload),
            StatementKind.HubAct => Read<HubAct>(payload),
            StatementKind.CoordinatorAct => Read<CoordinatorAct>(payload),
        };
        return statement is not null;
    }

    private static T? Read<T>(ReadOnlySpan<byte> payload)
        where T : Statement => StrictJson.TryRead<T>(payload, out var statement) && statement.IsWellFormed ? statement : null;
}
