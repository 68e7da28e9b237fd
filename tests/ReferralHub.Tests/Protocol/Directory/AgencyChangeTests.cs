using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Evidence;
using static ReferralHub.Tests.Protocol.Directory.DirectoryKit;
using Change = ReferralHub.Protocol.Directory.AgencyChangeCode;

namespace ReferralHub.Tests.Protocol.Directory;

/// <summary>What may happen to an agency after it has joined, and who must sign for it. Spec: docs/protocol.md §4.2.</summary>
public sealed class AgencyChangeTests : IDisposable
{
    private const int NewSigning = 41, NewRecovery = 42;
    private static readonly AgencyId Police = AgencyId.Parse("north-police");

    private readonly DirectoryKit _kit = new();
    private AgencyDirectory _directory;

    public AgencyChangeTests()
    {
        _directory = _kit.Begin();
        Assert.Null(_kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Signing, Court, Ministry));
    }

    /// <summary>Every event, and every set of signers that may stand under it; no other set may.</summary>
    public static TheoryData<AgencyChangeCode, int[][]> Signers => new()
    {
        { Change.RotateEncryption, [[Signing], [Recovery]] },
        { Change.RotateSigning, [[Signing, NewSigning], [Recovery, NewSigning]] },
        { Change.Revoke, [[Signing], [Recovery]] },
        { Change.ChangeRecovery, [[Recovery, NewRecovery], [Court, Ministry], [Court, Union], [Ministry, Union], [Court, Ministry, Union]] },
        { Change.Recover, [[Recovery, NewSigning]] },
        { Change.Suspend, [[Court, Ministry], [Court, Union], [Ministry, Union], [Court, Ministry, Union]] },
        { Change.Resume, [[Court, Ministry], [Court, Union], [Ministry, Union], [Court, Ministry, Union]] },
        { Change.Close, [[Court, Ministry], [Court, Union], [Ministry, Union], [Court, Ministry, Union]] },
    };

    [Theory]
    [MemberData(nameof(Signers))]
    public void An_event_is_signed_by_exactly_one_of_the_sets_that_it_demands(AgencyChangeCode change, int[][] allowed)
    {
        if (change == Change.Resume) Assert.Null(Append(ref _directory, Of(Change.Suspend), Court, Ministry));
        int[] all = [Court, Ministry, Union, HubKey, Recovery, Signing, Stranger, NewSigning, NewRecovery];
        var permitted = allowed.Select(set => set.Order().ToArray()).ToList();
        foreach (var set in Enumerable.Range(1, (1 << all.Length) - 1).Select(bits => all.Where((_, i) => (bits & (1 << i)) != 0).Order().ToArray()).Where(set => set.Length <= 4))
        {
            var directory = _directory;
            var fault = Append(ref directory, Of(change), set);
            var may = permitted.Any(p => p.SequenceEqual(set));
            Assert.True(may == fault is null, $"{change} by {string.Join(' ', set)}: {fault}");
            if (!may) Assert.True(fault is DirectoryFault.SignerMissing or DirectoryFault.SignerUnexpected, $"{fault}");
        }
    }

    [Fact]
    public void An_event_follows_the_one_before_it_by_number_and_digest()
    {
        var good = Of(Change.RotateEncryption);
        Assert.Equal(DirectoryFault.SeqBroken, Append(ref _directory, good with { Seq = 2 }, Signing));
        Assert.Equal(DirectoryFault.SeqBroken, Append(ref _directory, good with { Prev = Story.Sealed("another") }, Signing));
        Assert.Equal(DirectoryFault.Malformed, Append(ref _directory, good with { Seq = 0 }, Signing));
        Assert.Equal(DirectoryFault.Malformed, Append(ref _directory, good with { Tls = Story.Sealed("tls") }, Signing));
        Assert.Equal(DirectoryFault.Malformed, Append(ref _directory, Of(Change.Recover) with { Tls = null }, Recovery, NewSigning));
        Assert.Equal(DirectoryFault.AgencyUnknown, Append(ref _directory, good with { Agency = AgencyId.Parse("nobody") }, Signing));
        Assert.Null(Append(ref _directory, good, Signing));
        Assert.Equal(DirectoryFault.SeqBroken, Append(ref _directory, good, Signing));
        Assert.Equal(DirectoryFault.SeqBroken, Append(ref _directory, good with { Seq = 2, Encryption = Story.EncryptionKey("third") }, Signing));
    }

    [Fact]
    public void Of_two_valid_events_with_one_number_the_first_stands_and_the_other_is_an_alarm()
    {
        var (first, second) = (Of(Change.RotateEncryption), Of(Change.RotateEncryption) with { Encryption = Story.EncryptionKey("second") });
        Assert.Null(Append(ref _directory, first, Signing));
        Assert.Equal(DirectoryFault.SignerMissing, Append(ref _directory, second, Stranger));
        Assert.Null(Append(ref _directory, second, Signing));

        var police = _directory.Find(Police)!;
        Assert.Equal((first.Encryption, 1), (police.Encryption, police.Last.Seq));
        var conflict = Assert.Single(_directory.Conflicts);
        Assert.Equal(new DirectoryConflict(3, Police, 1, Digest.Of(StrictJson.Write(second))), conflict);

        // The chain goes on from the one that stands.
        Assert.Equal(DirectoryFault.SeqBroken, Append(ref _directory, Of(Change.Suspend) with { Prev = conflict.PayloadDigest }, Court, Union));
        Assert.Null(Append(ref _directory, Of(Change.Suspend), Court, Union));
    }

    [Fact]
    public void No_event_brings_a_key_that_was_seen_before()
    {
        Assert.Null(Append(ref _directory, Of(Change.RotateSigning), Signing, NewSigning));
        Assert.Equal(DirectoryFault.KeyTaken, Append(ref _directory, Of(Change.RotateSigning) with { Signing = _kit.Of(Signing) }, NewSigning, Signing));
        Assert.Equal(DirectoryFault.KeyTaken, Append(ref _directory, Of(Change.RotateSigning) with { Signing = _kit.Of(Recovery) }, NewSigning, Recovery));
        Assert.Equal(DirectoryFault.KeyTaken, Append(ref _directory, Of(Change.RotateEncryption) with { Encryption = _kit.Enrol.Encryption }, NewSigning));
        Assert.Equal(DirectoryFault.KeyTaken, Append(ref _directory, Of(Change.ChangeRecovery) with { Recovery = _kit.Of(Court) }, Recovery, Court));
        Assert.Equal(DirectoryFault.KeyTaken, Append(ref _directory, Of(Change.Recover) with { Signing = _kit.Of(HubKey) }, Recovery, HubKey));
    }

    [Fact]
    public void A_rotated_key_counts_up_to_the_entry_that_ended_it()
    {
        Assert.Null(Append(ref _directory, Of(Change.RotateSigning), Signing, NewSigning));
        var (old, fresh) = (_kit.Of(Signing), _kit.Of(NewSigning));

        Assert.Equal((old, null), (_directory.FindKey(Police, old.Thumbprint, 2), _directory.FindKey(Police, old.Thumbprint, 3)));
        Assert.Equal((null, fresh), (_directory.FindKey(Police, fresh.Thumbprint, 2), _directory.FindKey(Police, fresh.Thumbprint, 3)));
        Assert.Equal(old, _directory.FindAnyKey(Police, old.Thumbprint));
        Assert.False(_directory.IsSuspect(Police, old.Thumbprint, long.MaxValue));
    }

    [Fact]
    public void A_signing_key_is_stale_after_a_year_and_an_encryption_key_after_91_days()
    {
        var police = _directory.Find(Police)!;
        var (signing, encryption) = (_kit.Enrol.IssuedAt.AddDays(365), _kit.Enrol.IssuedAt.AddDays(91));

        Assert.Equal((false, true), (police.HasStaleSigningKey(signing.AddSeconds(-1)), police.HasStaleSigningKey(signing)));
        Assert.Equal((false, true), (police.HasStaleEncryptionKey(encryption.AddSeconds(-1)), police.HasStaleEncryptionKey(encryption)));
    }

    [Fact]
    public void A_revoked_key_counts_no_longer_and_what_it_signed_since_is_suspect()
    {
        var old = _kit.Of(Signing);
        Assert.Equal(DirectoryFault.KeyUnknown, Append(ref _directory, Of(Change.Revoke) with { Signing = _kit.Of(Stranger) }, Recovery));
        Assert.Null(Append(ref _directory, Of(Change.Revoke) with { CompromisedSince = 7 }, Recovery));

        Assert.Equal((old, null), (_directory.FindKey(Police, old.Thumbprint, 2), _directory.FindKey(Police, old.Thumbprint, 3)));
        Assert.Equal((false, true, true), (Suspect(6), Suspect(7), Suspect(8)));
        Assert.Null(_directory.Find(Police)!.Signing);
        Assert.Equal(DirectoryFault.KeyUnknown, Append(ref _directory, Of(Change.Revoke), Recovery));
        Assert.Equal(DirectoryFault.SignerMissing, Append(ref _directory, Of(Change.RotateSigning), Signing, NewSigning));
        Assert.Null(Append(ref _directory, Of(Change.RotateSigning), Recovery, NewSigning));

        bool Suspect(long index) => _directory.IsSuspect(Police, old.Thumbprint, index);
    }

    [Fact]
    public void A_revoked_encryption_key_is_sealed_to_no_longer()
    {
        Assert.Null(Append(ref _directory, Of(Change.Revoke) with { Signing = null, CompromisedSince = null, Encryption = _kit.Enrol.Encryption }, Signing));
        Assert.Null(_directory.Find(Police)!.Encryption);
        Assert.Null(Append(ref _directory, Of(Change.RotateEncryption), Signing));
        Assert.Equal(Story.EncryptionKey("new"), _directory.Find(Police)!.Encryption);
    }

    [Fact]
    public void Recovering_voids_what_came_after_the_last_good_event_and_brings_new_keys()
    {
        // A thief of the signing key turns it, and calls all that the agency ever signed suspect.
        Assert.Null(Append(ref _directory, Of(Change.RotateSigning) with { Signing = _kit.Of(Stranger) }, Signing, Stranger));
        Assert.Null(Append(ref _directory, Of(Change.Revoke) with { CompromisedSince = 0 }, Stranger));
        Assert.Null(Append(ref _directory, Of(Change.Suspend), Court, Union));
        Assert.True(_directory.IsSuspect(Police, _kit.Of(Signing).Thumbprint, 0));

        Assert.Null(Append(ref _directory, Of(Change.Recover) with { LastGood = 0, CompromisedSince = 9 }, Recovery, NewSigning));

        var police = _directory.Find(Police)!;
        Assert.Equal((_kit.Of(NewSigning), Story.EncryptionKey("new"), AgencyStatus.Suspended), (police.Signing, police.Encryption, police.Status));
        Assert.Equal(_kit.Of(Stranger), police.FindKey(_kit.Of(Stranger).Thumbprint, 3));
        Assert.True(police.IsSuspect(_kit.Of(Stranger).Thumbprint, 0));
        Assert.Equal((false, true), (police.IsSuspect(_kit.Of(Signing).Thumbprint, 8), police.IsSuspect(_kit.Of(Signing).Thumbprint, 9)));
        Assert.False(police.IsSuspect(_kit.Of(NewSigning).Thumbprint, 100));
    }

    [Fact]
    public void Only_the_recovery_key_in_force_recovers()
    {
        Assert.Null(Append(ref _directory, Of(Change.ChangeRecovery), Recovery, NewRecovery));
        Assert.Equal(DirectoryFault.SignerMissing, Append(ref _directory, Of(Change.Recover) with { LastGood = 0 }, Recovery, NewSigning));
        Assert.Null(Append(ref _directory, Of(Change.Recover) with { LastGood = 0 }, NewRecovery, NewSigning));
        Assert.Equal(_kit.Of(NewRecovery), _directory.Find(Police)!.Recovery);
    }

    [Fact]
    public void A_suspended_agency_is_not_active_from_the_entry_on_until_it_is_resumed()
    {
        Assert.Equal(DirectoryFault.StatusForbids, Append(ref _directory, Of(Change.Resume), Court, Union));
        Assert.Null(Append(ref _directory, Of(Change.Suspend), Court, Union));
        Assert.Equal(DirectoryFault.StatusForbids, Append(ref _directory, Of(Change.Suspend), Court, Union));
        Assert.Null(Append(ref _directory, Of(Change.Resume), Court, Union));
        Assert.Equal([false, true, false, true], Enumerable.Range(1, 4).Select(size => _directory.IsActive(Police, size)));
        Assert.Null(_directory.FindKey(Police, _kit.Of(Signing).Thumbprint, 3));
    }

    [Theory]
    [InlineData(Change.RotateEncryption, Signing)]
    [InlineData(Change.Recover, Recovery, NewSigning)]
    [InlineData(Change.Resume, Court, Union)]
    [InlineData(Change.Close, Court, Union)]
    public void Nothing_follows_a_closing(AgencyChangeCode change, params int[] signers)
    {
        Assert.Null(Append(ref _directory, Of(Change.Close), Court, Union));
        Assert.Equal((AgencyStatus.Closed, false), (_directory.Find(Police)!.Status, _directory.IsActive(Police, 3)));
        Assert.Equal(DirectoryFault.StatusForbids, Append(ref _directory, Of(change), signers));
        Assert.Equal(DirectoryFault.AgencyTaken, _kit.AppendAgency(ref _directory, Anew(), 31, 32, Court, Union));

        AgencyEvent Anew() => _kit.Enrol with { Recovery = _kit.Of(31), Signing = _kit.Of(32), Encryption = Story.EncryptionKey("other") };
    }

    [Fact]
    public void Which_members_go_with_which_event_is_fixed()
    {
        foreach (var change in Enum.GetValues<Change>())
        {
            var good = Of(change);
            Assert.True(good.IsWellFormed, $"{change}");
            AgencyChange[] bad =
            [
                good with { Signing = good.Signing is null ? _kit.Of(50) : null },
                good with { Encryption = good.Encryption is null ? Story.EncryptionKey("fifty") : null },
                good with { Recovery = good.Recovery is null ? _kit.Of(50) : null },
                good with { LastGood = good.LastGood is null ? 0 : null },
                good with { LastGood = good.LastGood is null ? 0 : good.Seq },
                good with { LastGood = good.LastGood is null ? 0 : -1 },
                good with { CompromisedSince = change is Change.Recover or Change.Revoke ? -1 : 3 },
                good with { Seq = 0 },
            ];
            for (var i = 0; i < bad.Length; i++) Assert.False(bad[i].IsWellFormed, $"{change} bad[{i}]");
        }

        Assert.False((Of(Change.Revoke) with { CompromisedSince = null }).IsWellFormed);
        Assert.True((Of(Change.Revoke) with { Signing = null, CompromisedSince = null, Encryption = _kit.Enrol.Encryption }).IsWellFormed);
        Assert.True((Of(Change.Recover) with { CompromisedSince = 3 }).IsWellFormed);
    }

    public void Dispose() => _kit.Dispose();

    private AgencyChange Of(AgencyChangeCode change)
    {
        var police = _directory.Find(Police)!;
        return new()
        {
            Agency = Police,
            Seq = police.Last.Seq + 1,
            Prev = police.Last.PayloadDigest,
            IssuedAt = Story.Start,
            Event = change,
            Signing = change is Change.RotateSigning or Change.Recover ? _kit.Of(NewSigning) : change is Change.Revoke ? _kit.Of(Signing) : null,
            Encryption = change is Change.RotateEncryption or Change.Recover ? Story.EncryptionKey("new") : null,
            Recovery = change is Change.ChangeRecovery ? _kit.Of(NewRecovery) : null,
            LastGood = change is Change.Recover ? police.Last.Seq : null,
            CompromisedSince = change is Change.Revoke ? 5 : null,
            Tls = change is Change.Recover ? Story.Sealed("tls") : null,
        };
    }

    private DirectoryFault? Append(ref AgencyDirectory directory, AgencyChange change, params int[] signers) =>
        DirectoryKit.Append(ref directory, _kit.Signed(change, AgencyEvent.Typ, signers).ToArray());
}
