namespace ReferralHub.Cryptography.Age;

/// <summary>What the first bytes of a file turned out to be.</summary>
public enum AgeHeaderStatus
{
    /// <summary>A whole header; the payload follows it.</summary>
    Complete,

    /// <summary>The beginning of a header within the limits: more bytes are needed to tell.</summary>
    Incomplete,

    /// <summary>Not an age v1 header in its canonical spelling, or one beyond the limits.</summary>
    Malformed,
}
