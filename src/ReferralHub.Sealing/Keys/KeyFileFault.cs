namespace ReferralHub.Sealing.Keys;

/// <summary>Why a key file does not open.</summary>
public enum KeyFileFault
{
    /// <summary>Not a key file at all.</summary>
    Foreign,

    /// <summary>A key file of a later version of this format.</summary>
    Newer,

    /// <summary>Shorter or longer than it says it is: cut, or something was appended.</summary>
    LengthDiffers,

    /// <summary>It asks for more memory or passes than any key file of ours, or for less.</summary>
    CostOutOfBounds,

    /// <summary>The passphrase is wrong, or the file was altered; which of the two cannot be told.</summary>
    WrongPassphrase,

    /// <summary>It opened, but does not hold what was looked for: another kind of key file.</summary>
    OtherContent,
}
