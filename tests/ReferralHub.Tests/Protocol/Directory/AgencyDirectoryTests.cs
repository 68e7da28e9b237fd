using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Log;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Evidence;
using static ReferralHub.Tests.Protocol.Directory.DirectoryKit;

namespace ReferralHub.Tests.Protocol.Directory;

/// <summary>The replay of docs/protocol.md §4.2 and §4.3: each way in which an entry breaks it.</summary>
public sealed class AgencyDirectoryTests : IDisposable
{
    private readonly DirectoryKit _kit = new();
    private AgencyDirectory _directory;

    public AgencyDirectoryTests() => _directory = _kit.Begin();

    [Fact]
    public void It_begins_with_the_genesis_that_F_promises_and_with_no_other()
    {
        var entry = _kit.Signed(_kit.Genesis, "genesis+jws", Court, Ministry, Union).ToArray();
        Assert.Null(Begin(entry, Digest.Of(entry), out var directory));
        Assert.Equal((Digest.Of(entry), 1), (directory!.Fingerprint, directory.Size));
        Assert.Empty(directory.Agencies);
        Assert.Equal(DirectoryFault.WrongGenesis, Begin(entry, Story.Sealed("F"), out _));
    }

    [Fact]
    public void A_genesis_is_signed_by_every_registrar_and_by_nobody_else()
    {
        Assert.Equal(DirectoryFault.SignerMissing, BeginWith(Court, Ministry));
        Assert.Equal(DirectoryFault.SignerMissing, BeginWith(Court, Ministry, Stranger));
        Assert.Equal(DirectoryFault.SignerUnexpected, BeginWith(Court, Ministry, Union, Stranger));
        Assert.Equal(DirectoryFault.SignerUnexpected, BeginWith(Court, Ministry, Union, HubKey));

        DirectoryFault? BeginWith(params int[] signers) => Begin(_kit.Signed(_kit.Genesis, "genesis+jws", signers).ToArray(), null, out _);
    }

    [Fact]
    public void What_is_no_genesis_begins_nothing()
    {
        Assert.Equal(DirectoryFault.Malformed, Begin("{}"u8.ToArray(), null, out _));
        Assert.Equal(DirectoryFault.Malformed, Begin(_kit.Signed(_kit.Genesis, "policy+jws", Court, Ministry, Union).ToArray(), null, out _));
        Assert.Equal(DirectoryFault.Malformed, Begin(_kit.Signed(_kit.Policy, "genesis+jws", Court, Ministry, Union).ToArray(), null, out _));
        Assert.Equal(DirectoryFault.Malformed, Begin(_kit.Signed(_kit.Genesis with { Threshold = 1 }, "genesis+jws", Court, Ministry, Union).ToArray(), null, out _));
    }

    [Fact]
    public void A_genesis_does_not_contradict_itself()
    {
        var good = _kit.Genesis;
        Registrar[] registrars = [.. good.Registrars];
        Assert.True(good.IsWellFormed);
        Assert.True((good with { Threshold = 3 }).IsWellFormed);
        Assert.True((good with { Registrars = registrars[..1], Threshold = 1 }).IsWellFormed);
        Assert.True((good with { Registrars = Many(15), Threshold = 8 }).IsWellFormed);
        Genesis[] bad =
        [
            good with { Threshold = 0 },
            good with { Threshold = 1 },
            good with { Threshold = 4 },
            good with { Registrars = registrars[..2], Threshold = 1 },
            good with { Registrars = [], Threshold = 1 },
            good with { Registrars = [], Threshold = 0 },
            good with { Registrars = Many(16), Threshold = 9 },
            good with { Registrars = [registrars[0], registrars[1], registrars[1]] },
            good with { Registrars = [registrars[0], registrars[1], registrars[2] with { Name = "court" }] },
            good with { Registrars = [registrars[0], registrars[1], registrars[2] with { Name = "c" }] },
            good with { Registrars = [registrars[0], registrars[1], registrars[2] with { Name = "Court" }] },
            good with { Registrars = [registrars[0], registrars[1], registrars[2] with { Key = good.Hub }] },
            good with { DirectoryLog = "hub.example/directory" },
            good with { DirectoryLog = good.AuditLog },
            good with { DirectoryLog = _kit.Vkey("hub.example/directory", NoteKeyType.Cosigner, 21) },
            good with { AuditLog = good.DirectoryLog },
            good with { AuditLog = _kit.Vkey("other.example/audit", NoteKeyType.Log, 22) },
            good with { AuditLog = _kit.Vkey("hub.example/audit", NoteKeyType.Cosigner, 22) },
            good with { Cosigner = _kit.Vkey("hub.example/cosigner", NoteKeyType.Log, 23) },
            good with { Cosigner = _kit.Vkey("hub.example/audit", NoteKeyType.Cosigner, 23) },
            // One key in two places.
            good with { DirectoryLog = _kit.Vkey("hub.example/directory", NoteKeyType.Log, 22) },
            good with { AuditLog = _kit.Vkey("hub.example/audit", NoteKeyType.Log, HubKey) },
            good with { Cosigner = _kit.Vkey("hub.example/cosigner", NoteKeyType.Cosigner, Court) },
        ];
        for (var i = 0; i < bad.Length; i++) Assert.False(bad[i].IsWellFormed, $"bad[{i}]");

        Registrar[] Many(int count) => [.. Enumerable.Range(100, count).Select(i => new Registrar($"r-{i}", _kit.Of(i)))];
    }

    [Theory]
    [InlineData("isWellFormed", "true")]
    [InlineData("trustPolicy", "\"log\"")]
    [InlineData("directoryLogKey", "null")]
    public void What_is_computed_is_no_member_of_a_genesis(string member, string value)
    {
        var json = Encoding.ASCII.GetString(StrictJson.Write(_kit.Genesis));
        Assert.DoesNotContain(member, json, StringComparison.Ordinal);
        Assert.False(StrictJson.TryRead<Genesis>(Encoding.ASCII.GetBytes($"{{\"{member}\":{value},{json[1..]}"), out _));
    }

    [Fact]
    public void There_is_no_second_genesis_and_no_entry_of_another_kind()
    {
        Assert.Equal(DirectoryFault.SecondGenesis, Append(ref _directory, _kit.Signed(_kit.Genesis, "genesis+jws", Court, Ministry, Union).ToArray()));
        Assert.Equal(DirectoryFault.Malformed, Append(ref _directory, _kit.Signed(_kit.Policy, "consent+jws", Court, Ministry).ToArray()));
        Assert.Equal(DirectoryFault.Malformed, Append(ref _directory, "no entry"u8.ToArray()));
        Assert.Equal(1, _directory.Size);
    }

    [Fact]
    public void A_policy_is_signed_by_the_threshold_of_registrars_and_by_nobody_else()
    {
        Assert.Equal(DirectoryFault.SignerMissing, _kit.AppendPolicy(ref _directory, _kit.Policy, Court));
        Assert.Equal(DirectoryFault.SignerMissing, _kit.AppendPolicy(ref _directory, _kit.Policy, Court, Stranger));
        Assert.Equal(DirectoryFault.SignerUnexpected, _kit.AppendPolicy(ref _directory, _kit.Policy, Court, Union, Stranger));
        Assert.Null(_kit.AppendPolicy(ref _directory, _kit.Policy, Court, Union));
        Assert.Null(_kit.AppendPolicy(ref _directory, _kit.Policy with { Version = 2 }, Court, Ministry, Union));
    }

    [Fact]
    public void The_versions_of_a_policy_follow_each_other()
    {
        Assert.Equal(DirectoryFault.VersionBroken, _kit.AppendPolicy(ref _directory, _kit.Policy with { Version = 2 }, Court, Union));
        Assert.Null(_kit.AppendPolicy(ref _directory, _kit.Policy, Court, Union));
        Assert.Equal(DirectoryFault.VersionBroken, _kit.AppendPolicy(ref _directory, _kit.Policy, Court, Union));
        Assert.Equal(DirectoryFault.VersionBroken, _kit.AppendPolicy(ref _directory, _kit.Policy with { Version = 3 }, Court, Union));
        Assert.Null(_kit.AppendPolicy(ref _directory, _kit.Policy with { Id = PolicyId.Parse("south") }, Court, Union));
        Assert.Null(_kit.AppendPolicy(ref _directory, _kit.Policy with { Version = 2, MaxConsentDays = 30 }, Court, Union));

        var north = PolicyId.Parse("north");
        Assert.Null(_directory.FindPolicy(north, 1));
        Assert.Equal("north@1", _directory.FindPolicy(north, 2)?.Reference);
        Assert.Equal("north@1", _directory.FindPolicy(north, 3)?.Reference);
        Assert.Equal(("north@2", 30), (_directory.FindPolicy(north, 4)?.Reference, _directory.FindPolicy(north, 4)?.MaxConsentDays));
        Assert.Null(_directory.FindPolicy(PolicyId.Parse("west"), 4));
    }

    [Fact]
    public void A_policy_does_not_contradict_itself()
    {
        JurisdictionPolicy[] bad =
        [
            _kit.Policy with { Version = 0 },
            _kit.Policy with { MaxConsentDays = 0 },
            _kit.Policy with { MaxConsentDays = 3651 },
            _kit.Policy with { Bases = [] },
            _kit.Policy with { Bases = [Basis.Consent, Basis.Consent] },
        ];
        Assert.All(bad, policy => Assert.Equal(DirectoryFault.Malformed, _kit.AppendPolicy(ref _directory, policy, Court, Union)));
        Assert.Null(_kit.AppendPolicy(ref _directory, _kit.Policy with { MaxConsentDays = 1 }, Court, Union));
        Assert.Null(_kit.AppendPolicy(ref _directory, _kit.Policy with { Version = 2, MaxConsentDays = 3650 }, Court, Union));
    }

    [Fact]
    public void An_agency_is_signed_for_by_both_its_keys_and_the_threshold_of_registrars_and_by_nobody_else()
    {
        Assert.Equal(DirectoryFault.SignerMissing, _kit.AppendAgency(ref _directory, _kit.Enrol, Signing, Court, Ministry));
        Assert.Equal(DirectoryFault.SignerMissing, _kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Court, Ministry));
        Assert.Equal(DirectoryFault.SignerMissing, _kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Signing, Court));
        Assert.Equal(DirectoryFault.SignerMissing, _kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Signing, Court, Stranger));
        Assert.Equal(DirectoryFault.SignerUnexpected, _kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Signing, Court, Ministry, Stranger));
        Assert.Null(_kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Signing, Court, Ministry));
    }

    [Fact]
    public void A_name_is_taken_once()
    {
        Assert.Null(_kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Signing, Court, Ministry));
        var again = _kit.Enrol with { Recovery = _kit.Of(31), Signing = _kit.Of(32), Encryption = Story.EncryptionKey("other") };
        Assert.Equal(DirectoryFault.AgencyTaken, _kit.AppendAgency(ref _directory, again, 31, 32, Court, Ministry));
    }

    [Fact]
    public void No_key_is_registered_twice()
    {
        Assert.Null(_kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Signing, Court, Ministry));
        var fresh = _kit.Enrol with
        {
            Agency = AgencyId.Parse("harbour"),
            Recovery = _kit.Of(31),
            Signing = _kit.Of(32),
            Encryption = Story.EncryptionKey("harbour"),
        };
        Assert.Equal(DirectoryFault.KeyTaken, Enrol(fresh with { Recovery = _kit.Of(Recovery) }, Recovery, 32));
        Assert.Equal(DirectoryFault.KeyTaken, Enrol(fresh with { Recovery = _kit.Of(Signing) }, Signing, 32));
        Assert.Equal(DirectoryFault.KeyTaken, Enrol(fresh with { Signing = _kit.Of(Signing) }, 31, Signing));
        Assert.Equal(DirectoryFault.KeyTaken, Enrol(fresh with { Signing = _kit.Of(Recovery) }, 31, Recovery));
        Assert.Equal(DirectoryFault.KeyTaken, Enrol(fresh with { Encryption = _kit.Enrol.Encryption }, 31, 32));
        Assert.Equal(DirectoryFault.KeyTaken, Enrol(fresh with { Recovery = _kit.Of(HubKey) }, HubKey, 32));
        foreach (var log in new[] { 21, 22, 23 }) Assert.Equal(DirectoryFault.KeyTaken, Enrol(fresh with { Signing = _kit.Of(log) }, 31, log));

        Assert.True(_directory.HasKeyOf(fresh with { Signing = _kit.Of(Union) }));
        Assert.False(_directory.HasKeyOf(fresh));
        Assert.Null(Enrol(fresh, 31, 32));

        DirectoryFault? Enrol(AgencyEvent enrol, int recovery, int signing) =>
            _kit.AppendAgency(ref _directory, enrol, recovery, signing, Court, Ministry);
    }

    [Fact]
    public void An_enrolment_does_not_contradict_itself()
    {
        var good = _kit.Enrol;
        AgencyEvent[] bad =
        [
            good with { Agency = AgencyId.Hub },
            good with { Seq = 1 },
            good with { Prev = Story.Sealed("event") },
            good with { Name = "" },
            good with { Name = "N" },
            good with { Name = " N" },
            good with { Name = "N " },
            good with { Name = new string('N', 81) },
            good with { Recovery = good.Signing },
            good with { Services = [ServiceFamily.Legal, ServiceFamily.Legal] },
        ];
        for (var i = 0; i < bad.Length; i++) Assert.False(bad[i].IsWellFormed, $"bad[{i}]");
        Assert.Equal(DirectoryFault.Malformed, _kit.AppendAgency(ref _directory, bad[0], Recovery, Signing, Court, Ministry));
        Assert.All(
            [good, good with { Name = "NP" }, good with { Name = new string('N', 80) }, good with { Services = [] }],
            enrol => Assert.True(enrol.IsWellFormed));
    }

    [Fact]
    public void A_key_and_an_agency_count_in_a_directory_that_has_their_entry()
    {
        Assert.Null(_kit.AppendPolicy(ref _directory, _kit.Policy, Court, Union));
        Assert.Null(_kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Signing, Court, Ministry));
        var (agency, kid) = (_kit.Enrol.Agency, _kit.Of(Signing).Thumbprint);

        Assert.Equal((3, 2), (_directory.Size, _directory.Find(agency)!.Index));
        Assert.Equal((false, true), (_directory.IsActive(agency, 2), _directory.IsActive(agency, 3)));
        Assert.Null(_directory.FindKey(agency, kid, 2));
        Assert.Equal(_kit.Of(Signing), _directory.FindKey(agency, kid, 3));
        Assert.Null(_directory.FindKey(agency, _kit.Of(Recovery).Thumbprint, 3));
        Assert.Null(_directory.FindKey(AgencyId.Parse("nobody"), kid, 3));
        Assert.False(_directory.IsActive(AgencyId.Parse("nobody"), 3));

        Assert.Equal(_kit.Of(HubKey), _directory.FindKey(AgencyId.Hub, _kit.Of(HubKey).Thumbprint, 1));
        Assert.Null(_directory.FindKey(AgencyId.Hub, kid, 3));
    }

    [Fact]
    public void The_digest_of_an_agency_s_entry_is_its_payload_s()
    {
        Assert.Null(_kit.AppendAgency(ref _directory, _kit.Enrol, Recovery, Signing, Court, Ministry));
        Assert.Equal(Digest.Of(StrictJson.Write(_kit.Enrol)), _directory.Find(_kit.Enrol.Agency)!.Last.PayloadDigest);
    }

    [Fact]
    public void An_enrolment_as_the_agency_hands_it_in_is_signed_by_exactly_its_two_keys()
    {
        Assert.True(Reads(_kit.Enrol, "agency-event+jws", Recovery, Signing));
        Assert.False(Reads(_kit.Enrol, "agency-event+jws", Recovery));
        Assert.False(Reads(_kit.Enrol, "agency-event+jws", Recovery, Stranger));
        Assert.False(Reads(_kit.Enrol, "agency-event+jws", Signing, Stranger));
        Assert.False(Reads(_kit.Enrol, "agency-event+jws", Recovery, Signing, Court));
        Assert.False(Reads(_kit.Enrol, "policy+jws", Recovery, Signing));
        Assert.False(Reads(_kit.Enrol with { Seq = 1 }, "agency-event+jws", Recovery, Signing));
        Assert.False(Reads(_kit.Policy, "agency-event+jws", Recovery, Signing));

        bool Reads(object payload, string typ, params int[] signers) => AgencyEvent.TryReadEnrolment(_kit.Signed(payload, typ, signers), out _);
    }

    [Fact]
    public void The_trust_policy_has_the_keys_of_the_genesis() => Assert.Equal(
        $"log {_kit.Genesis.DirectoryLog}\nlog {_kit.Genesis.AuditLog}\nwitness hub {_kit.Genesis.Cosigner}\nquorum hub\n",
        _kit.Genesis.TrustPolicy);

    public void Dispose() => _kit.Dispose();
}
