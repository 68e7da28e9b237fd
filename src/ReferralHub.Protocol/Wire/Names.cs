using System.Security.Cryptography;
using System.Text.RegularExpressions;

namespace ReferralHub.Protocol.Wire;

/// <summary>The name of an agency: 2 to 40 of <c>a-z 0-9 -</c>, never reused.</summary>
public sealed partial record AgencyId : WireText<AgencyId>, IWireText<AgencyId>
{
    private AgencyId(string text)
        : base(text)
    {
    }

    /// <summary>The hub's own name, as issuer of receipts and acts. No agency can take it.</summary>
    public static AgencyId Hub { get; } = new("hub");

    /// <inheritdoc/>
    public static Regex Grammar => Pattern();

    /// <inheritdoc/>
    public static AgencyId Wrap(string text) => new(text);

    [GeneratedRegex(@"^[a-z0-9-]{2,40}\z")]
    private static partial Regex Pattern();
}

/// <summary>The name of a jurisdiction policy: 2 to 40 of <c>a-z 0-9 -</c>.</summary>
public sealed partial record PolicyId : WireText<PolicyId>, IWireText<PolicyId>
{
    private PolicyId(string text)
        : base(text)
    {
    }

    /// <inheritdoc/>
    public static Regex Grammar => AgencyId.Grammar;

    /// <inheritdoc/>
    public static PolicyId Wrap(string text) => new(text);
}

/// <summary>
/// A part of a country, as coarse as agencies there agree: up to four words of <c>a-z</c>. No digit fits in, so no street and no
/// house does.
/// </summary>
public sealed partial record AreaCode : WireText<AreaCode>, IWireText<AreaCode>
{
    private AreaCode(string text)
        : base(text)
    {
    }

    /// <inheritdoc/>
    public static Regex Grammar => Pattern();

    /// <inheritdoc/>
    public static AreaCode Wrap(string text) => new(text);

    [GeneratedRegex(@"^[a-z]{2,16}(-[a-z]{2,16}){0,3}\z")]
    private static partial Regex Pattern();
}

/// <summary>A telephone number as it is dialled from abroad: <c>+</c> and 7 to 15 digits. Nothing else fits in.</summary>
public sealed partial record Telephone : WireText<Telephone>, IWireText<Telephone>
{
    private Telephone(string text)
        : base(text)
    {
    }

    /// <inheritdoc/>
    public static Regex Grammar => Pattern();

    /// <inheritdoc/>
    public static Telephone Wrap(string text) => new(text);

    [GeneratedRegex(@"^\+[1-9][0-9]{6,14}\z")]
    private static partial Regex Pattern();
}

/// <summary>A person inside an agency as others see them: 4 to 26 of <c>a-z 0-9</c>. Only the agency can resolve it.</summary>
public sealed partial record Handle : WireText<Handle>, IWireText<Handle>
{
    private Handle(string text)
        : base(text)
    {
    }

    /// <inheritdoc/>
    public static Regex Grammar => Pattern();

    /// <inheritdoc/>
    public static Handle Wrap(string text) => new(text);

    [GeneratedRegex(@"^[a-z0-9]{4,26}\z")]
    private static partial Regex Pattern();
}

/// <summary>The hub's name in its logs: 1 to 63 of <c>a-z 0-9 . -</c>, a letter or digit at both ends.</summary>
public sealed partial record Origin : WireText<Origin>, IWireText<Origin>
{
    private Origin(string text)
        : base(text)
    {
    }

    /// <inheritdoc/>
    public static Regex Grammar => Pattern();

    /// <summary>The origin of the directory log's checkpoints.</summary>
    public string DirectoryLog => this + "/directory";

    /// <summary>The origin of the audit log's checkpoints.</summary>
    public string AuditLog => this + "/audit";

    /// <summary>The origin of the audit log that a restored hub opened; the first one has none but <see cref="AuditLog"/>. Spec: docs/protocol.md §4.7.</summary>
    /// <param name="number">1 for the first log, one more for each restoration.</param>
    public string AuditLogOf(int number) => number == 1 ? AuditLog : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{AuditLog}/{number}");

    /// <summary>The key name of the hub's cosignatures.</summary>
    public string Cosigner => this + "/cosigner";

    /// <inheritdoc/>
    public static Origin Wrap(string text) => new(text);

    [GeneratedRegex(@"^[a-z0-9]([a-z0-9.-]{0,61}[a-z0-9])?\z")]
    private static partial Regex Pattern();
}

/// <summary>
/// A subject as the hub and one recipient see them: 128 random bits as 26 characters of Crockford base32.
/// One per subject <i>and</i> recipient, so that nobody but the sender can link two referrals.
/// </summary>
public sealed partial record CaseCode : WireText<CaseCode>, IWireText<CaseCode>
{
    private const string Alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

    private CaseCode(string text)
        : base(text)
    {
    }

    /// <inheritdoc/>
    public static Regex Grammar => Pattern();

    /// <inheritdoc/>
    public static CaseCode Wrap(string text) => new(text);

    /// <summary>Draws a fresh code.</summary>
    public static CaseCode Draw()
    {
        // 26 characters hold 130 bits: the first carries only three, so that 128 bits have one spelling.
        var letters = RandomNumberGenerator.GetItems<char>(Alphabet, 26);
        letters[0] = Alphabet[RandomNumberGenerator.GetInt32(8)];
        return new CaseCode(new string(letters));
    }

    [GeneratedRegex(@"^[0-7][0-9A-HJKMNP-TV-Z]{25}\z")]
    private static partial Regex Pattern();
}
