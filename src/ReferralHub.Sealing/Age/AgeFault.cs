namespace ReferralHub.Sealing.Age;

/// <summary>Why an age file does not open.</summary>
public enum AgeFault
{
    /// <summary>Not the canonical header of an age v1 file, beyond the limits, or with a stanza that breaks its kind's rules.</summary>
    HeaderMalformed,

    /// <summary>No stanza opens with any of the identities: sealed to somebody else, or under another passphrase.</summary>
    NotMine,

    /// <summary>The header's MAC is wrong: the header was changed after sealing.</summary>
    HeaderForged,

    /// <summary>The payload was changed, cut or extended after sealing; which of them cannot be told.</summary>
    PayloadDamaged,
}
