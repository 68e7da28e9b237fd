using System.Globalization;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Serialization;
using ReferralHub.Cryptography.Encodings;

namespace ReferralHub.Client;

public sealed partial class HubClient
{
    private const int HandInAnswerBytes = 1024 * 1024;

    /// <summary>Shows a hub that was restored from a backup what this agency holds. Doing it again has no second effect. <c>POST /restoration</c></summary>
    /// <param name="shown">What it holds, or some of it: at most 8 MiB in all.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>What the hub has, and which of our sealed parts it lacks.</returns>
    public async Task<HandInAnswer> HandInAsync(HandIn shown, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(shown);
        var body = new HandInBody(
            shown.Audit is { } audit ? Encoding.UTF8.GetString(audit.Span) : null,
            shown.Directory is { } directory ? Encoding.UTF8.GetString(directory.Span) : null,
            [.. shown.Entries.Select(entry => Encoding.ASCII.GetString(entry.Span))],
            [
                .. shown.Statements.Select(one => new HandedBody(
                    one.Token,
                    one.Event is { } happened ? CanonicalBase64.Url.Encode(happened.Span) : null,
                    one.Opening is { } opening ? Convert.ToHexStringLower(opening.Span) : null,
                    one.Receipt,
                    one.Proof is { } proof ? Encoding.UTF8.GetString(proof.Span) : null)),
            ],
            shown.IsAll);
        using var request = new HttpRequestMessage(HttpMethod.Post, "restoration") { Content = JsonContent.Create(body, options: HandIns) };
        var answer = ReadAnswer<HandInAnswerBody>(await SendAsync(request, (response, watch) => ReadAtMostAsync(response, HandInAnswerBytes, watch), ct));
        var parts = new List<Digest>();
        foreach (var text in answer.Parts) parts.Add(Digest.TryParse(text, out var part) ? part : throw new HubAnswerException("The restored hub asks for something that is no part."));
        return new(answer.Kept, parts);
    }

    /// <summary>The event with which a restored hub opened an audit log, or null while it has no place in that yet. <c>GET /audit/opening</c></summary>
    /// <param name="log">The log's number, from 2.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<LogReceipt?> GetOpeningAsync(int log, CancellationToken ct)
    {
        try
        {
            return ReadReceipt(await GetBytesAsync(string.Create(CultureInfo.InvariantCulture, $"audit/opening?log={log}"), ReceiptBytes, ct), $"the opening of audit log {log}");
        }
        catch (HubRefusedException e) when (e.Problem.Name == "not-found")
        {
            return null;
        }
    }

    private static readonly System.Text.Json.JsonSerializerOptions HandIns =
        new(System.Text.Json.JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private sealed record HandInBody(string? Audit, string? Directory, IReadOnlyList<string> Entries, IReadOnlyList<HandedBody> Statements, bool Done);

    private sealed record HandedBody(string Statement, string? Event, string? Opening, string? Receipt, string? Proof);

    private sealed record HandInAnswerBody(long Kept, IReadOnlyList<string> Parts);
}

/// <summary>What an agency shows a restored hub. Spec: docs/protocol.md §4.7.</summary>
public sealed record HandIn
{
    /// <summary>The newest checkpoint of the audit log that it holds, or null.</summary>
    public ReadOnlyMemory<byte>? Audit { get; init; }

    /// <summary>The newest of the directory, or null.</summary>
    public ReadOnlyMemory<byte>? Directory { get; init; }

    /// <summary>With it, the directory's entries up to it, or the last of them.</summary>
    public IReadOnlyList<ReadOnlyMemory<byte>> Entries { get; init; } = [];

    /// <summary>What it said and was told.</summary>
    public IReadOnlyList<HandedStatement> Statements { get; init; } = [];

    /// <summary>Whether this is the last of it.</summary>
    public required bool IsAll { get; init; }
}

/// <summary>A statement with what proves that the hub had taken it.</summary>
/// <param name="Token">The token.</param>
/// <param name="Event">The audit event about it, or null.</param>
/// <param name="Opening">The event's opening, 32 bytes, or null.</param>
/// <param name="Receipt">The hub-receipt's token, or null.</param>
/// <param name="Proof">The event's tlog-proof, or null.</param>
public sealed record HandedStatement(string Token, ReadOnlyMemory<byte>? Event, ReadOnlyMemory<byte>? Opening, string? Receipt, ReadOnlyMemory<byte>? Proof);

/// <summary>What a restored hub says about what it was shown.</summary>
/// <param name="Kept">Events of the audit log that its backup has: what was proved below need not be shown.</param>
/// <param name="Parts">Sealed parts of ours that it lacks.</param>
public sealed record HandInAnswer(long Kept, IReadOnlyList<Digest> Parts);
