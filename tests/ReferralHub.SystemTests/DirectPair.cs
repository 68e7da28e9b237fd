using ReferralHub.Cryptography.Encodings;
using ReferralHub.Demo;
using ReferralHub.Protocol.Statements;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.SystemTests;

/// <summary>A hub as a process, and two agencies without gateways that have an agreement and a consent.</summary>
internal sealed class DirectPair : IAsyncDisposable
{
    public static readonly Handle By = Handle.Parse("bcdf2345");

    private static readonly ClearCategory[] Categories = [ClearCategory.Summary, ClearCategory.Identity];

    private readonly TemporaryFolder? _folder;
    private readonly CaseCode _case = CaseCode.Draw();
    private readonly Guid _consent = Guid.CreateVersion7(Now);
    private DirectAgency? _sender;
    private DirectAgency? _recipient;

    private DirectPair(string? engine)
    {
        _folder = new();
        Hub = new HubNode(_folder.Path) { Engine = engine };
    }

    private DirectPair(HubNode hub) => Hub = hub;

    public HubNode Hub { get; }

    public DirectAgency Sender => _sender!;

    public DirectAgency Recipient => _recipient!;

    /// <summary>How an upload is made: once, unless somebody insists. What was sealed is uploaded again as it is.</summary>
    public Func<Func<Task>, Task> Transfer { get; set; } = upload => upload();

    public static DateTimeOffset Now => WireTime.Whole(TimeProvider.System.GetUtcNow());

    /// <param name="ct">Gives up.</param>
    /// <param name="engine">The hub's engine.json; null for the embedded engine.</param>
    public static async Task<DirectPair> Assemble(CancellationToken ct, string? engine = null)
    {
        var pair = new DirectPair(engine);
        try
        {
            await pair.Hub.Begin(Narrator.Silent, ct);
            await pair.Join(ct);
            return pair;
        }
        catch
        {
            await pair.DisposeAsync();
            throw;
        }
    }

    /// <summary>The same at a hub that serves, which stays whose it is.</summary>
    public static async Task<DirectPair> Join(HubNode hub, CancellationToken ct)
    {
        var pair = new DirectPair(hub);
        await pair.Join(ct);
        return pair;
    }

    /// <summary>Ends the hub's process and starts another on the same data.</summary>
    public async Task RestartHub(CancellationToken ct)
    {
        await Hub.DisposeAsync();
        await Hub.Serve(ct);
    }

    /// <summary>The last position in the recipient's feed, 0 if it is empty.</summary>
    public async Task<long> FeedEnd(CancellationToken ct)
    {
        var end = 0L;
        while (await Recipient.Hub.GetFeedAsync(end, TimeSpan.Zero, ct) is [.., var last]) end = last.Position;
        return end;
    }

    /// <summary>Uploads the two parts of a new referral and signs it; it is not handed in.</summary>
    public async Task<SignedStatement> Prepare(CancellationToken ct) => await Prepare(await Sender.Heads(ct), ct);

    /// <inheritdoc cref="Prepare(CancellationToken)"/>
    /// <remarks>With heads that were read before.</remarks>
    public async Task<SignedStatement> Prepare((TreeHead Directory, TreeHead AuditLog) heads, CancellationToken ct)
    {
        var (directory, log) = heads;
        var id = Guid.CreateVersion7(TimeProvider.System.GetUtcNow());
        return Sender.Sign(new Referral
        {
            Issuer = Sender.Id,
            IssuedAt = Now,
            Directory = directory,
            AuditLog = log,
            ReferralId = id,
            To = Recipient.Id,
            Case = _case,
            Service = ServiceFamily.Shelter,
            Urgency = Urgency.Standard,
            Purpose = Purpose.Protection,
            Basis = Basis.Consent,
            Consent = _consent,
            Categories = Categories,
            Release = ReleaseRule.OnAcceptance,
            Expires = Now.AddDays(14),
            By = By,
            Parts =
            [
                await Upload(id, Sender, Recipient, Part.Summary, [Category.Summary], """{"service":"shelter","urgency":"standard","ageBand":"13-15","risk":"low","area":"north"}"""u8.ToArray(), ct),
                await Upload(id, Sender, Recipient, Part.Record, [Category.Identity], """{"identity":{"name":"SYNTHETIC"}}"""u8.ToArray(), ct),
            ],
        });
    }

    public async ValueTask DisposeAsync()
    {
        using (_folder)
        {
            _sender?.Dispose();
            _recipient?.Dispose();
            if (_folder is not null) await Hub.DisposeAsync();
        }
    }

    private async Task Join(CancellationToken ct)
    {
        _sender = await DirectAgency.Join(Hub, "direct-police", AgencyKind.Police, ct);
        _recipient = await DirectAgency.Join(Hub, "direct-shelter", AgencyKind.Shelter, ct);
        await Agree(ct);
        await Consent(ct);
    }

    /// <summary>Seals what one writes to the other, and uploads it.</summary>
    public async Task<SealedPart> Upload(Guid referral, DirectAgency from, DirectAgency to, Part part, Category[] categories, byte[] form, CancellationToken ct)
    {
        using var file = new MemoryStream();
        var facts = new EnvelopeFacts
        {
            Sender = from.Id,
            Recipient = to.Id,
            Referral = referral,
            Part = part,
            Categories = categories,
            SealedAt = Now,
        };
        var sealedPart = await Envelope.SealAsync(
            file, to.Keys.EncryptionKey, from.Keys.Signing, facts, [EnvelopeMember.Of(EnvelopeLayout.FormPath(part), form)], ct);
        await Transfer(() => from.Hub.UploadPartAsync(sealedPart.Sha256, file, ct));
        return sealedPart;
    }

    private async Task Agree(CancellationToken ct)
    {
        var (directory, log) = await Sender.Heads(ct);
        var terms = new Agreement
        {
            Issuer = Sender.Id,
            IssuedAt = Now,
            Directory = directory,
            AuditLog = log,
            AgreementId = Guid.CreateVersion7(TimeProvider.System.GetUtcNow()),
            To = Recipient.Id,
            Policy = PolicyId.Parse("demo-policy"),
            Routes = [new Route(Sender.Id, Recipient.Id)],
            Purposes = [Purpose.Protection],
            Categories = Categories,
            From = Now,
            Until = Now.AddDays(365),
            EraseAfterDays = 90,
        };
        var proposal = Sender.Sign(terms);
        await Sender.Hub.PostAsync(proposal, ct);
        await Recipient.Hub.PostAsync(Recipient.Sign(terms with { Issuer = Recipient.Id, To = Sender.Id, Accepts = proposal.Id }), ct);
    }

    private async Task Consent(CancellationToken ct)
    {
        var (directory, log) = await Sender.Heads(ct);
        await Sender.Hub.PostAsync(
            Sender.Sign(new Consent
            {
                Issuer = Sender.Id,
                IssuedAt = Now,
                Directory = directory,
                AuditLog = log,
                ConsentId = _consent,
                Case = _case,
                To = Recipient.Id,
                Purposes = [Purpose.Protection],
                Services = [ServiceFamily.Shelter],
                Categories = Categories,
                ValidUntil = Now.AddDays(30),
                EraseAt = Now.AddDays(90),
                Status = ConsentStatus.Granted,
                Detail = Digest.Of("SYNTHETIC"u8),
                By = By,
            }),
            ct);
    }
}
