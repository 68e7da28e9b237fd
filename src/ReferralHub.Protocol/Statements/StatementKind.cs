using ReferralHub.Protocol.Wire;

namespace ReferralHub.Protocol.Statements;

/// <summary>What a statement is. Spec: docs/protocol.md §3.3.</summary>
public enum StatementKind
{
    /// <summary><see cref="Statements.Agreement"/></summary>
    Agreement,

    /// <summary><see cref="Statements.Consent"/></summary>
    Consent,

    /// <summary><see cref="Statements.Referral"/></summary>
    Referral,

    /// <summary><see cref="Statements.Acknowledgement"/></summary>
    Acknowledgement,

    /// <summary><see cref="Statements.SenderAct"/></summary>
    SenderAct,

    /// <summary><see cref="Statements.ReleaseRequest"/></summary>
    ReleaseRequest,

    /// <summary><see cref="Statements.Access"/></summary>
    Access,

    /// <summary><see cref="Statements.ConsentRevocation"/></summary>
    ConsentRevocation,

    /// <summary><see cref="Statements.RevocationNotice"/></summary>
    RevocationNotice,

    /// <summary><see cref="Statements.Approval"/></summary>
    Approval,

    /// <summary><see cref="Statements.LegalHold"/></summary>
    LegalHold,

    /// <summary><see cref="Statements.ErasureReceipt"/></summary>
    ErasureReceipt,
    /// <summary><see cref="Statements.Profile"/></summary>
    Profile,

    /// <summary><see cref="Statements.Capacity"/></summary>
    Capacity,

    /// <summary><see cref="Statements.HubReceipt"/></summary>
    HubReceipt,

    /// <summary><see cref="Statements.HubAct"/></summary>
    HubAct,

    /// <summary><see cref="Statements.CoordinatorAct"/></summary>
    CoordinatorAct,
}

/// <summary>A kind's name in a token.</summary>
public static class StatementKinds
{
    private const string Suffix = "+jws";

    /// <summary>The <c>typ</c> of tokens of this kind.</summary>
    public static string Typ(this StatementKind kind) => Code.Text(kind) + Suffix;

    /// <summary>Reads a <c>typ</c>.</summary>
    public static bool TryParse(string typ, out StatementKind kind)
    {
        ArgumentNullException.ThrowIfNull(typ);
        kind = default;
        return typ.EndsWith(Suffix, StringComparison.Ordinal) && Code.TryParse(typ[..^Suffix.Length], out kind);
    }
}
