using ReferralHub.Protocol.Audit;
using ReferralHub.Tests.Protocol.Evidence;

namespace ReferralHub.Tests.Protocol.Audit;

/// <summary>What a leaf tells of its event, docs/protocol.md §4.4.</summary>
public sealed class AuditEventTests
{
    [Fact]
    public void A_leaf_tells_statements_releases_refusals_and_the_directory_apart_and_nothing_else()
    {
        var types = Enum.GetValues<AuditEventCode>().ToDictionary(code => code, code => (int)new AuditEvent { Event = code, At = Story.Start, Directory = new(1, default) }.CoarseType);

        Assert.Equal(
            [(AuditEventCode.StatementRecorded, 1), (AuditEventCode.PartReleased, 2), (AuditEventCode.Refused, 3), (AuditEventCode.DirectoryCheckpoint, 4)],
            types.Where(type => type.Value != 5).Select(type => (type.Key, type.Value)));
    }
}
