using ReferralHub.Demo.Mail;
using ReferralHub.Demo.Processes;

namespace ReferralHub.Demo.Stories;

/// <summary>Nobody at the shelter looks: alerts climb the chain into real mailboxes, and the sender is told.</summary>
internal static class NobodyAcknowledges
{
    private const string Coordinator = "crd0001";

    // The demo's policy gives ten seconds; the last step comes after twice that.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    public static async Task<IReadOnlyList<Ending>> Tell(Cast cast, Narrator narrator, CancellationToken ct)
    {
        var (police, shelter) = (cast.Police, cast.Shelter);
        await using var mail = await Mailroom.OpenAsync(Path.Combine(cast.Folder, "mail"));
        foreach (var agency in new[] { police, shelter }) await agency.TellByMail(mail.Port, ct);
        narrator.Say("a mail server keeps a mailbox each for duty desk and lead; mails say a count, a class and where to look, and nothing else");

        var handoff = new Handoff(police, cast, narrator) { WithFiles = false, Urgency = "standard" };
        await handoff.RecordConsent(ct);
        await handoff.Send(ct);
        var referral = handoff.Referral;
        await Wait(shelter.Desk, "1 referral to acknowledge: half of the time is over");
        await Wait(shelter.LeadMail, "1 referral to acknowledge: the time is over");
        await Wait(police.Desk, "1 referral that the other side was to acknowledge: the time is over");
        await Wait(police.LeadMail, "1 referral that the other side was to acknowledge: the time is over");
        await Wait(police.Desk, "another agency should be found");

        var lanes = await cast.Hub.Ask(ct, "board", "--as", Coordinator);
        var row = lanes.EnumerateArray().SelectMany(lane => lane.GetProperty("referrals").EnumerateArray())
            .Single(waiting => waiting.GetProperty("referral").GetString() == referral);
        if (row.GetProperty("step").GetString() != "coordinator") throw new ProcessFailedException("the chain did not reach the coordinator", [row.ToString()]);
        narrator.Say($"coordinator: sees on the board that {row.GetProperty("owes").GetString()} owes: {row.GetProperty("clock").GetString()}");
        await cast.Hub.Ask(ct, "coordinator", "nudge", referral, "--as", Coordinator, "--party", "recipient");
        await Wait(shelter.Desk, "A coordinator asks about 1 referral");

        await police.Sync(ct);
        await police.Withdraw(referral, "no-response", ct);
        narrator.Say($"{police.Id}: has been told, takes the referral back and looks for another agency");
        await shelter.Sync(ct);
        await shelter.ConfirmWithdrawal(referral, ct);
        await police.Sync(ct);
        return [new(referral, police, "withdrawn")];

        async Task Wait(string address, string sentence)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
            limit.CancelAfter(Patience);
            while (!mail.Mails(address).Any(text => text.Contains(sentence, StringComparison.Ordinal)))
            {
                if (limit.IsCancellationRequested && !ct.IsCancellationRequested)
                    throw new ProcessFailedException($"no mail came to {address}: {sentence}", [.. mail.Mails(address)]);
                await Task.Delay(TimeSpan.FromMilliseconds(200), ct);
            }

            narrator.Say($"mailbox {address}: {sentence}");
        }
    }
}
