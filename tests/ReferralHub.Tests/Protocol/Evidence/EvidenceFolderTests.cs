using System.Text;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Protocol.Evidence;
using ReferralHub.Protocol.Handoffs;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;

namespace ReferralHub.Tests.Protocol.Evidence;

public sealed class EvidenceFolderTests : IDisposable
{
    private readonly Story _story = new Story().Play();
    private readonly Dictionary<string, byte[]> _folder = [];

    public EvidenceFolderTests() => Collect(Index());

    [Fact]
    public void A_collection_holds_whose_index_the_hub_signed_and_whose_bundles_hold()
    {
        var report = Check();

        Assert.Null(report.Finding);
        Assert.Equal((HandoffState.LoopClosed, 1), (Assert.Single(report.Stories).State, report.Index!.Bundles.Count));
    }

    [Fact]
    public void One_without_bundles_holds_too()
    {
        Collect(Index() with { Bundles = [] });
        Assert.Equal((null, 0), (Check().Finding, Check().Stories.Count));
    }

    [Theory]
    [InlineData(EvidenceFolder.Genesis, EvidenceFault.Genesis)]
    [InlineData(EvidenceFolder.Index, EvidenceFault.ManifestMalformed)]
    [InlineData(EvidenceFolder.Signature, EvidenceFault.ManifestSignature)]
    [InlineData("0195a000-0000-7000-8000-000000000003.zip", EvidenceFault.Archive)]
    public void Each_file_must_be_there_and_unchanged(string file, EvidenceFault fault)
    {
        var whole = _folder[file];
        _folder[file] = [.. whole[..^1], (byte)(whole[^1] ^ 1)];
        Assert.Equal((file, fault), (Check().Finding!.Path.Split('/')[0], Check().Finding!.Fault));

        _folder.Remove(file);
        Assert.Equal((file, EvidenceFault.FileMissing), (Check().Finding!.Path, Check().Finding!.Fault));
    }

    [Fact]
    public void An_index_that_another_key_or_another_act_signed_is_none()
    {
        foreach (var act in new[]
        {
            Act(HubActCode.EvidenceIndex, "court", Digest.Of(_folder[EvidenceFolder.Index])),
            Act(HubActCode.Evidence, "hub signing", Digest.Of(_folder[EvidenceFolder.Index])),
            Act(HubActCode.EvidenceIndex, "hub signing", Digest.Of([1])),
        })
        {
            _folder[EvidenceFolder.Signature] = act;
            Assert.Equal(EvidenceFault.ManifestSignature, Check().Finding?.Fault);
        }
    }

    [Fact]
    public void A_bundle_that_the_index_does_not_list_under_its_referral_and_digest_is_another()
    {
        Collect(Index() with { Bundles = [new(Story.Id(3), Digest.Of([1]))] });
        Assert.Equal(EvidenceFault.ManifestDiffers, Check().Finding?.Fault);

        var bundle = _folder[EvidenceFolder.Bundle(Story.Id(3))];
        Collect(Index() with { Bundles = [new(Story.Id(4), Index().Bundles[0].Manifest)] });
        _folder[EvidenceFolder.Bundle(Story.Id(4))] = bundle;
        Assert.Equal(EvidenceFault.ManifestDiffers, Check().Finding?.Fault);
    }

    public static TheoryData<string[], int?, int?, bool> Scopes => new()
    {
        { [], null, null, true },
        { ["north-police"], null, null, true },
        { ["harbour-shelter", "north-police"], null, null, true },
        { ["beacon"], null, null, false },
        { ["north-police", "beacon"], null, null, false },
        { [], 0, null, true },
        { [], 1, null, false },
        { [], null, 1, true },
        { [], null, 0, false },
    };

    [Theory]
    [MemberData(nameof(Scopes))]
    public void Each_bundle_is_about_what_the_index_says(string[] agencies, int? from, int? until, bool holds)
    {
        var sent = Check().Stories[0].Sent;
        Collect(Index() with
        {
            Agencies = [.. agencies.Select(AgencyId.Parse)],
            From = from is { } seconds ? sent.AddSeconds(seconds) : null,
            Until = until is { } later ? sent.AddSeconds(later) : null,
        });

        Assert.Equal(holds ? null : EvidenceFault.StatementForeign, Check().Finding?.Fault);
    }

    [Fact]
    public void An_index_that_contradicts_itself_is_neither_signed_nor_read()
    {
        var police = AgencyId.Parse("north-police");
        foreach (var index in new[]
        {
            Index() with { Agencies = [police, police] },
            Index() with { Agencies = [police, AgencyId.Parse("beacon"), AgencyId.Parse("harbour-shelter")] },
            Index() with { From = Story.Start, Until = Story.Start },
            Index() with { Bundles = [.. Index().Bundles, .. Index().Bundles] },
        })
        {
            Assert.Throws<ArgumentException>(() => Collect(index));
            _folder[EvidenceFolder.Index] = StrictJson.Write(index);
            _folder[EvidenceFolder.Signature] = Act(HubActCode.EvidenceIndex, "hub signing", Digest.Of(_folder[EvidenceFolder.Index]));
            Assert.Equal(EvidenceFault.ManifestMalformed, Check().Finding?.Fault);
        }
    }

    public void Dispose() => _story.Dispose();

    private EvidenceIndex Index() => new() { Agencies = [], Bundles = [new(Story.Id(3), Digest.Of(Files.Of(_story.Bundle())["manifest.json"]))] };

    private void Collect(EvidenceIndex index)
    {
        var (bytes, signature) = EvidenceFolder.Sign(index, (_story.DirectoryHead, _story.AuditHead), _story.Key("hub signing"), Story.Start);
        _folder[EvidenceFolder.Genesis] = Files.Of(_story.Bundle())["directory/000000.jws"];
        _folder[EvidenceFolder.Index] = bytes;
        _folder[EvidenceFolder.Signature] = signature;
        _folder[EvidenceFolder.Bundle(Story.Id(3))] = _story.Bundle();
    }

    private byte[] Act(HubActCode act, string key, Digest manifest) => Encoding.ASCII.GetBytes(SignedStatement.Sign(_story.Key(key), new HubAct
    {
        Issuer = AgencyId.Hub,
        IssuedAt = Story.Start,
        Directory = _story.DirectoryHead,
        AuditLog = _story.AuditHead,
        Act = act,
        Manifest = manifest,
    }).Jws.Token);

    private EvidenceFolderReport Check() =>
        EvidenceFolder.Check(file => _folder.TryGetValue(file, out var content) ? content : null, _story.Fingerprint);
}
