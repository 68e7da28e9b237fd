using ReferralHub.Cryptography.Statements;

namespace ReferralHub.Tests.Cryptography;

/// <summary>Keys that are the same in every run.</summary>
internal static class Seeded
{
    public static SigningKey Key(byte seed) => SigningKey.Import([.. Enumerable.Repeat(seed, SigningKey.SeedSize)]);
}
