using ReferralHub.Sealing.Age;

namespace ReferralHub.Sealing.Keys;

/// <summary>One of an agency's encryption keys, in use or kept for what was sealed to it.</summary>
/// <param name="Identity">The private key; disposed with the <see cref="AgencyKeys"/>.</param>
/// <param name="CreatedAt">When it was drawn, in whole seconds.</param>
/// <param name="RetiredAt">When another took its place, in whole seconds; null while it is the current one.</param>
public sealed record EncryptionIdentity(KeyIdentity Identity, DateTimeOffset CreatedAt, DateTimeOffset? RetiredAt);
