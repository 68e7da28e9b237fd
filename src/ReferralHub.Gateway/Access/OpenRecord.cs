using System.CommandLine;
using System.Text.Json;
using ReferralHub.Gateway.Commands;
using ReferralHub.Protocol.Content;
using ReferralHub.Protocol.Wire;
using ReferralHub.Sealing.Envelopes;

namespace ReferralHub.Gateway.Access;

/// <summary>
/// <c>open ID --by H</c>: the record, after accepting; recorded as an access. Attachments are only listed; with
/// <c>--attachment N --out FILE</c> one is saved, which is an access of its own.
/// </summary>
internal static class OpenRecord
{
    private static readonly Argument<string> Id = new("ID") { Description = "The referral." };
    private static readonly Option<string> By = new("--by") { Description = "Handle of who looks.", Required = true };
    private static readonly Option<int?> Attachment = new("--attachment") { Description = "Save this attachment instead; recorded as an export." };
    private static readonly Option<string?> Out = new("--out") { Description = "A new file for the attachment." };

    internal sealed record Request(Handle By, BrokenGlass? Glass = null);

    /// <summary>An attachment as the record lists it.</summary>
    /// <param name="Number">What <c>--attachment</c> takes, from 1.</param>
    /// <param name="Name">Display name.</param>
    /// <param name="Type">Media type.</param>
    /// <param name="Size">Length in bytes.</param>
    internal sealed record Attached(int Number, string Name, string Type, long Size)
    {
        /// <summary>Names the number only.</summary>
        public override string ToString() => $"attachment {Number}";
    }

    /// <summary>What <c>open</c> prints.</summary>
    /// <param name="Referral">The referral's id.</param>
    /// <param name="From">The sender.</param>
    /// <param name="Form">The form, by data category.</param>
    /// <param name="Attachments">What came along.</param>
    /// <param name="Unknown">Fields that this version does not know, or not with that value; they are shown as they came.</param>
    internal sealed record Opened(
        Guid Referral, AgencyId From, IReadOnlyDictionary<string, JsonElement> Form, IReadOnlyList<Attached> Attachments, IReadOnlyList<string> Unknown) : Output
    {
        public override void Print(TextWriter to)
        {
            to.WriteLine($"{WireId.Text(Referral)} from {From}");
            Printing.Lines(to, Form);
            foreach (var one in Attachments) to.WriteLine($"  attachment {one.Number}: {one.Name}, {one.Type}, {one.Size} bytes");
            foreach (var field in Unknown) to.WriteLine($"  not known to this version: {field}");
        }

        /// <summary>Names the referral only.</summary>
        public override string ToString() => WireId.Text(Referral);
    }

    /// <summary>What <c>open --attachment</c> prints.</summary>
    /// <param name="File">Where it was saved.</param>
    /// <param name="Size">Its length in bytes.</param>
    internal sealed record Saved(string File, long Size) : Output
    {
        public override void Print(TextWriter to) => to.WriteLine($"saved {Size} bytes to {File}; this was recorded");
    }

    public static void Map(IEndpointRouteBuilder app)
    {
        app.MapPost("/referrals/{id:guid}/open", Handle);
        app.MapPost("/referrals/{id:guid}/attachments/{number:int}", SaveAsync);
    }

    public static Command Command() => Cli.Local("open", "Open the record.", [Id, By, Attachment, Out, Glass.Option, Passphrase.SecretOption], async (parsed, local, ct) =>
    {
        var id = WireId.Text(Cli.Id(parsed.GetRequiredValue(Id)));
        var request = new Request(Cli.Name<Handle>("--by", parsed.GetRequiredValue(By)), Glass.Read(parsed));
        if (parsed.GetValue(Attachment) is not { } number) return await local.PostAsync<Opened>($"referrals/{id}/open", request, ct);

        var file = parsed.GetValue(Out) ?? throw Cli.Malformed("--attachment needs --out FILE.");
        return new Saved(file, await local.DownloadAsync($"referrals/{id}/attachments/{number}", request, file, ct));
    });

    internal static async Task<Opened> Handle(Guid id, Request request, GatewayDb db, Looks looks, TimeProvider clock, CancellationToken ct)
    {
        await using var look = await looks.OpenAsync(db, id, Part.Record, AccessAct.Opened, request.By, ct, glass: request.Glass);
        var form = ReadForm(look);
        var sizes = look.Envelope.Members.ToDictionary(m => m.Path, m => m.Size);
        var attachments = form.Attachments.OrderBy(a => a.Path, StringComparer.Ordinal)
            .Select((a, index) => new Attached(index + 1, a.Name, a.Type, sizes[a.Path]));
        return new(id, look.Referral.Sender, form.Categories.ToDictionary(c => Code.Text(c), c => form[c]!.Value), [.. attachments], FormCheck.Unknown(form, clock.GetUtcNow()));
    }

    internal static async Task SaveAsync(Guid id, int number, Request request, HttpResponse http, GatewayDb db, Looks looks, CancellationToken ct)
    {
        await using var look = await looks.OpenAsync(db, id, Part.Record, AccessAct.AttachmentSaved, request.By, ct, glass: request.Glass);
        var path = EnvelopeLayout.AttachmentPath(Math.Clamp(number, 1, EnvelopeLayout.MaxMembers));
        if (number < 1 || look.Envelope.Members.All(m => m.Path != path))
            throw new RefusedException(Refusal.NotFound, $"--attachment {number}: the record has {look.Envelope.Members.Count - 1}.");
        await using var content = look.Envelope.Open(path);
        http.ContentLength = content.Length;
        http.ContentType = "application/octet-stream";
        await content.CopyToAsync(http.Body, ct);
    }

    private static Form ReadForm(Look look) =>
        Form.TryRead(look.Envelope.Read(EnvelopeLayout.FormPath(Part.Record), SealedJson.MaxBytes), out var form)
            ? form
            : throw new InvalidDataException($"The record of {look} was verified and does not read.");
}
