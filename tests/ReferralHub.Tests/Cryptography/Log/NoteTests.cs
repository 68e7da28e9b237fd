using System.Text;
using ReferralHub.Cryptography.Log;

namespace ReferralHub.Tests.Cryptography.Log;

public sealed class NoteTests
{
    private const string Line = "— a.example AAAAAQI=\n"; // key id 1, signature 0x02

    [Fact]
    public void Is_text_blank_line_and_signatures()
    {
        Assert.True(Parse("été\n\n日本\n\n" + Line + "— ü.example/é AAAAAgME\n", out var note));
        Assert.Equal("été\n\n日本\n", Encoding.UTF8.GetString(note!.Text));
        Assert.Equal(["a.example 1 02", "ü.example/é 2 0304"],
            note.Signatures.Select(signature => $"{signature.Name} {signature.KeyId} {Convert.ToHexString(signature.Value)}"));
        Assert.Equal("été\n\n日本\n\n" + Line + "— ü.example/é AAAAAgME\n", Encoding.UTF8.GetString(note.ToArray()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("text\n")]
    [InlineData("text\n\n")]
    [InlineData("text\n" + Line)]
    [InlineData("text\n\n" + Line + "\n")]
    [InlineData("text\n\n— a.example AAAAAQI=")]
    [InlineData("te\rxt\n\n" + Line)]
    [InlineData("te\txt\n\n" + Line)]
    [InlineData("te\0xt\n\n" + Line)]
    [InlineData("te\u001fxt\n\n" + Line)]
    [InlineData("text\n\n- a.example AAAAAQI=\n")]
    [InlineData("text\n\n– a.example AAAAAQI=\n")]
    [InlineData("text\n\n—a.example AAAAAQI=\n")]
    [InlineData("text\n\n—  a.example AAAAAQI=\n")]
    [InlineData("text\n\n— a.example  AAAAAQI=\n")]
    [InlineData("text\n\n— a.example AAAAAQI= \n")]
    [InlineData("text\n\n—  AAAAAQI=\n")]
    [InlineData("text\n\n— AAAAAQI=\n")]
    [InlineData("text\n\n— a+b AAAAAQI=\n")]
    [InlineData("text\n\n— a\u00a0b AAAAAQI=\n")]
    [InlineData("text\n\n— a\u2003b AAAAAQI=\n")]
    [InlineData("text\n\n— a.example AAAAAQI\n")]
    [InlineData("text\n\n— a.example AAAAAQJ=\n")]
    [InlineData("text\n\n— a.example AAAAAQ==\n")] // an id and no signature
    [InlineData("text\n\n— a.example AAAA\n")]
    [InlineData("text\n\n— a.example \n")]
    [InlineData("text\n\n" + Line + "more\n")]
    [InlineData("text\n\n" + Line + "— b.example AAAAAQI=")]
    public void Any_other_form_is_refused(string text) => Assert.False(Parse(text, out _));

    [Fact]
    public void Text_is_UTF_8()
    {
        byte[] note = [.. "te?xt\n\n"u8, .. Encoding.UTF8.GetBytes(Line)];
        Assert.True(Note.TryParse(note, out _));
        note[2] = 0xff;
        Assert.False(Note.TryParse(note, out _));
    }

    [Fact]
    public void Bears_at_most_100_signatures()
    {
        Assert.True(Parse("text\n\n" + string.Concat(Enumerable.Repeat(Line, 100)), out _));
        Assert.False(Parse("text\n\n" + string.Concat(Enumerable.Repeat(Line, 101)), out _));
    }

    [Fact]
    public void Has_at_most_1_000_000_bytes()
    {
        var end = "\n\n" + Line;
        var room = Note.MaxSize - Encoding.UTF8.GetByteCount(end);
        Assert.True(Parse(new string('a', room) + end, out _));
        Assert.False(Parse(new string('a', room + 1) + end, out _));
    }

    private static bool Parse(string text, out Note? note) => Note.TryParse(Encoding.UTF8.GetBytes(text), out note);
}
