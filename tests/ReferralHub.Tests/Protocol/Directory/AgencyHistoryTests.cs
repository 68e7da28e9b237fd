using System.Buffers.Binary;
using System.Text;
using ReferralHub.Cryptography.Age;
using ReferralHub.Cryptography.Encodings;
using ReferralHub.Cryptography.Statements;
using ReferralHub.Protocol.Directory;
using ReferralHub.Protocol.Wire;
using ReferralHub.Tests.Protocol.Evidence;
using static ReferralHub.Tests.Protocol.Directory.DirectoryKit;
using Change = ReferralHub.Protocol.Directory.AgencyChangeCode;

namespace ReferralHub.Tests.Protocol.Directory;

/// <summary>Random histories of an agency against a model that knows none of the replay: it looks at the whole list each time.</summary>
public sealed class AgencyHistoryTests
{
    private static readonly AgencyId Police = AgencyId.Parse("north-police");

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void A_random_history_replays_as_the_model_has_it(int seed)
    {
        using var kit = new DirectoryKit();
        var dice = new Draw(seed);
        var directory = kit.Begin();
        Assert.Null(kit.AppendAgency(ref directory, kit.Enrol, Recovery, Signing, Court, Ministry));
        var model = new Model();
        var fresh = 60;
        var (taken, refused) = (0, 0);
        for (var turn = 0; turn < 95; turn++)
        {
            var before = directory.Find(Police)!;
            // Closing would end it: rarely, and then the rest are refused.
            var code = dice.Next(100) == 0 ? Change.Close : Enum.GetValues<Change>()[dice.Next(7)];
            var seq = dice.Next(10) == 0 && before.Last.Seq > 0 ? dice.Next(1, before.Last.Seq + 1) : before.Last.Seq + 1;
            var (signing, recovery) = (fresh++, fresh++);
            var change = new AgencyChange
            {
                Agency = Police,
                Seq = seq,
                Prev = dice.Next(20) == 0 ? Story.Sealed("other") : before.Steps[seq - 1].PayloadDigest,
                IssuedAt = Story.Start,
                Event = code,
                Signing = code is Change.RotateSigning or Change.Recover ? kit.Of(signing) : code is Change.Revoke && turn % 3 > 0 ? kit.Of(model.SomeSigning(dice)) : null,
                Encryption = code is Change.RotateEncryption or Change.Recover ? Story.EncryptionKey($"{signing}") : code is Change.Revoke && turn % 3 == 0 ? Key(model.SomeEncryption(dice)) : null,
                Recovery = code is Change.ChangeRecovery ? kit.Of(recovery) : null,
                LastGood = code is Change.Recover ? dice.Next(seq) : null,
                CompromisedSince = code is Change.Recover && dice.Next(2) == 0 ? dice.Next(50) : code is Change.Revoke && turn % 3 > 0 ? dice.Next(50) : null,
                Tls = code is Change.Recover ? Story.Sealed("tls") : null,
            };
            var signers = model.Signers(code, seq, signing, recovery, dice);
            if (signers.Contains(0)) continue;
            if (dice.Next(15) == 0) signers = [.. signers, Stranger];

            var size = (int)directory.Size;
            var fault = Append(ref directory, kit.Signed(change, AgencyEvent.Typ, signers).ToArray());
            var expected = model.Take(change, signers, size, signing, recovery, kit, before);
            Assert.True(expected == fault is null, $"turn {turn}: {code} {seq} by {string.Join(' ', signers)}: {fault}");
            if (fault is null) taken++;
            else refused++;
            if (turn % 8 == 0) Compare(model, directory, kit);
        }

        Compare(model, directory, kit);

        Assert.True(taken > 30 && refused > 5, $"{taken} taken, {refused} refused");
    }

    // The bytes of SHA-256 over a counter: the same for the same seed, on every machine and runtime.
    private sealed class Draw(int seed)
    {
        private int _drawn;

        public int Next(int below) => (int)(BinaryPrimitives.ReadUInt32BigEndian(Digest.Of(Encoding.ASCII.GetBytes($"{seed} {_drawn++}")).AsSpan()) % below);

        public int Next(int from, int below) => from + Next(below - from);
    }

    private static EncryptionKey Key(int number) => number == 0 ? Story.EncryptionKey("north") : Story.EncryptionKey($"{number}");

    private static void Compare(Model model, AgencyDirectory directory, DirectoryKit kit)
    {
        var police = directory.Find(Police)!;
        Assert.Equal(model.Conflicts, directory.Conflicts.Count);
        Assert.Equal(kit.Of(model.Recovery(model.Chain.Count)), police.Recovery);
        Assert.Equal(model.Encryption(model.Chain.Count) is { } key ? Key(key) : null, police.Encryption);
        for (var size = 1; size <= directory.Size; size++)
        {
            Assert.Equal(model.Active(size), directory.IsActive(Police, size));
            var expected = model.SigningAt(size) is { } number && model.Active(size) ? kit.Of(number) : null;
            foreach (var known in model.AllSigning)
                Assert.Equal(expected is not null && expected.Equals(kit.Of(known)) ? expected : null, directory.FindKey(Police, kit.Of(known).Thumbprint, size));
        }

        foreach (var known in model.AllSigning)
        {
            foreach (var index in new long[] { 0, 10, 25, 49, 1000 })
                Assert.Equal(model.Suspect(known, index), directory.IsSuspect(Police, kit.Of(known).Thumbprint, index));
        }
    }

    /// <summary>An event as the model knows it.</summary>
    private sealed record Entry(AgencyChange? Change, int Index, int Signing, int Recovery, bool ByRegistrars);

    private sealed class Model
    {
        /// <summary>The events that stand, the enrolment first.</summary>
        public List<Entry> Chain { get; } = [new(null, 1, DirectoryKit.Signing, DirectoryKit.Recovery, false)];

        public int Conflicts { get; private set; }

        public IEnumerable<int> AllSigning => Chain.Where(e => e.Change is null or { Event: Change.RotateSigning or Change.Recover }).Select(e => e.Signing);

        public int SomeSigning(Draw dice) => AllSigning.ElementAt(dice.Next(AllSigning.Count()));

        public int SomeEncryption(Draw dice)
        {
            var all = Chain.Where(e => e.Change is null or { Event: Change.RotateEncryption or Change.Recover }).Select(NumberOf).ToList();
            return all[dice.Next(all.Count)];
        }

        /// <summary>A set that should do, 0 for a key that there is none of.</summary>
        public int[] Signers(Change code, int seq, int signing, int recovery, Draw dice)
        {
            var (now, paper) = (SigningAt(int.MaxValue, seq) ?? 0, Recovery(seq));
            var one = dice.Next(2) == 0 ? now : paper;
            return code switch
            {
                Change.RotateEncryption or Change.Revoke => [one],
                Change.RotateSigning => [one, signing],
                Change.ChangeRecovery => dice.Next(2) == 0 ? [paper, recovery] : [Court, Union],
                Change.Recover => [paper, signing],
                _ => [Court, Ministry],
            };
        }

        public bool Take(AgencyChange change, int[] signers, int index, int signing, int recovery, DirectoryKit kit, Agency before)
        {
            var byRegistrars = signers.Contains(Court);
            var entry = new Entry(change, index, change.Event == Change.Revoke && change.Signing is { } r ? AllSigning.First(k => kit.Of(k).Equals(r)) : signing, recovery, byRegistrars);
            if (signers.Contains(Stranger) || !change.Prev.Equals(before.Steps[change.Seq - 1].PayloadDigest)) return false;
            var status = Status(change.Seq);
            if (status == AgencyStatus.Closed || (change.Event == Change.Suspend && status != AgencyStatus.Active) || (change.Event == Change.Resume && status != AgencyStatus.Suspended)) return false;
            if (change.Event == Change.Revoke && (Chain.Take(change.Seq).All(e => !Brings(e, change)) || IsRevoked(change, change.Seq))) return false;
            if (change.Seq < Chain.Count)
            {
                // The same bytes again are a break, not a second event.
                if (before.Steps[change.Seq].PayloadDigest.Equals(Digest.Of(StrictJson.Write(change)))) return false;
                Conflicts++;
            }
            else
            {
                Chain.Add(entry);
            }

            return true;
        }

        public int Recovery(int length) => Chain.Take(length).Last(e => e.Change is null or { Event: Change.ChangeRecovery }).Recovery;

        public int? Encryption(int length)
        {
            var last = Chain.Take(length).Last(e => e.Change is null or { Event: Change.RotateEncryption or Change.Recover });
            var number = NumberOf(last);
            return Chain.Take(length).SkipWhile(e => e != last).Any(e => e.Change is { Event: Change.Revoke, Encryption: { } key } && key.Equals(Key(number))) ? null : number;
        }

        public int? SigningAt(int size, int? length = null)
        {
            var seen = Chain.Take(length ?? Chain.Count).Where(e => e.Index < size).ToList();
            if (seen.Count == 0) return null;
            var last = seen.Last(e => e.Change is null or { Event: Change.RotateSigning or Change.Recover });
            return seen.SkipWhile(e => e != last).Any(e => e.Change is { Event: Change.Revoke, Signing: not null } && e.Signing == last.Signing) ? null : last.Signing;
        }

        public bool Active(int size) => Chain[0].Index < size && Status(Chain.Count(e => e.Index < size)) == AgencyStatus.Active;

        public bool Suspect(int key, long index)
        {
            var gone = Void(Chain.Count);
            var brought = Chain.FindIndex(e => e.Signing == key && e.Change is null or { Event: Change.RotateSigning or Change.Recover });
            return Chain.Select((e, seq) => (e, seq)).Where(p => !gone.Contains(p.seq)).Any(p => p.e.Change switch
            {
                { Event: Change.Revoke, Signing: not null } revoke => p.e.Signing == key && index >= revoke.CompromisedSince,
                { Event: Change.Recover } recover => brought < p.seq && (brought > recover.LastGood || index >= recover.CompromisedSince),
                _ => false,
            });
        }

        private static int NumberOf(Entry entry) => entry.Change is null ? 0 : entry.Signing;

        private static bool Brings(Entry entry, AgencyChange revoke) => entry.Change switch
        {
            null => revoke.Signing is { } s ? s.Thumbprint == Enrolled.Thumbprint : revoke.Encryption!.Equals(Key(0)),
            { Event: Change.RotateSigning or Change.RotateEncryption or Change.Recover } change => revoke.Signing is { } s ? s.Equals(change.Signing) : revoke.Encryption!.Equals(change.Encryption),
            _ => false,
        };

        private static VerifyingKey Enrolled
        {
            get
            {
                using var kit = new DirectoryKit();
                return kit.Of(DirectoryKit.Signing);
            }
        }

        private AgencyStatus Status(int length) => Chain.Take(length).Select(e => e.Change?.Event).LastOrDefault(c => c is Change.Suspend or Change.Resume or Change.Close) switch
        {
            Change.Suspend => AgencyStatus.Suspended,
            Change.Close => AgencyStatus.Closed,
            _ => AgencyStatus.Active,
        };

        private bool IsRevoked(AgencyChange revoke, int length)
        {
            var gone = Void(length);
            return Chain.Take(length).Select((e, seq) => (e, seq)).Any(p => !gone.Contains(p.seq) && p.e.Change is { Event: Change.Revoke } earlier
                && (revoke.Signing is { } s ? s.Equals(earlier.Signing) : revoke.Encryption!.Equals(earlier.Encryption)));
        }

        // From the end: a recovery that a later one voids voids nothing.
        private HashSet<int> Void(int length)
        {
            var gone = new HashSet<int>();
            for (var seq = length - 1; seq > 0; seq--)
            {
                if (gone.Contains(seq) || Chain[seq].Change is not { Event: Change.Recover, LastGood: { } good }) continue;
                for (var between = good + 1; between < seq; between++) gone.Add(between);
            }

            return gone;
        }
    }
}
