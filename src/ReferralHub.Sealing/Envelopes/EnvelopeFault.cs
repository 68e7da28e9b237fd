namespace ReferralHub.Sealing.Envelopes;

/// <summary>Why an envelope is refused. The recipient tells the sender, and the log. Spec: docs/protocol.md §2.5.</summary>
public enum EnvelopeFault
{
    /// <summary>The file is not the one that the outer statement names by size and SHA-256.</summary>
    FileDiffers,

    /// <summary>Not an age header that the wire allows.</summary>
    HeaderMalformed,

    /// <summary>Sealed to a key that is not here.</summary>
    NotMine,

    /// <summary>The header was changed after sealing.</summary>
    HeaderForged,

    /// <summary>The payload was changed, cut or extended after sealing.</summary>
    PayloadDamaged,

    /// <summary>Not a tar of the members that such a part has.</summary>
    TarMalformed,

    /// <summary>Behind the tar stands something else than zero bytes up to the Padmé length.</summary>
    PaddingMalformed,

    /// <summary>The inner statement is not one.</summary>
    InnerStatementMalformed,

    /// <summary>The inner statement's signature is not by the key that signed the outer one.</summary>
    InnerSignatureInvalid,

    /// <summary>The inner sender is not the outer signer: somebody passed on what another had sealed.</summary>
    InnerSenderDiffers,

    /// <summary>Meant for another agency: surreptitious forwarding.</summary>
    NotAddressedToMe,

    /// <summary>Made for another referral.</summary>
    ReferralDiffers,

    /// <summary>Made as another part.</summary>
    PartDiffers,

    /// <summary>The categories are not those of the outer statement.</summary>
    CategoriesDiffer,

    /// <summary>The members are not those that the inner statement lists.</summary>
    MembersDiffer,

    /// <summary>The content is not of its form, or lies outside the categories, or does not list every attachment once.</summary>
    ContentMismatch,
}
