using ReferralHub.Gateway.Access;

namespace ReferralHub.Tests.Gateway;

/// <summary>Which names may be one person's. All of them are invented.</summary>
public sealed class NamesTests
{
    [Theory]
    [InlineData("Noor Example", "Noor Example")]
    [InlineData("Noor Example", "EXAMPLE, noor")]
    [InlineData("Zoë Müller", "Zoe Muller")]
    [InlineData("Zoe\u0308 Mu\u0308ller", "Zoë Müller")]
    [InlineData("Ｎｏｏｒ Example", "Noor Example")]
    [InlineData("Łukasz Ørsted", "Lukasz Orsted")]
    [InlineData("Jean-Luc O'Neil", "jean luc oneil")]
    [InlineData("أحمد", "احمد")]
    [InlineData("مُحَمَّد العلي", "محمد علي")]
    [InlineData("فاطمة موسى", "فاطمه موسي")]
    [InlineData("عبد الله سالم", "عبدالله سالم")]
    [InlineData("نـــور سالم", "نور سالم")]
    [InlineData("کریم سالم", "كريم سالم")]
    public void One_name_in_two_spellings_is_one(string one, string other) => Alike(one, other);

    [Theory]
    [InlineData("Noor Example", "Nour Example")]
    [InlineData("Noor Example", "Noro Exampel")]
    [InlineData("Noor Example", "Noor Sami Example")]
    [InlineData("Noor Example", "N. Example")]
    [InlineData("Noor", "Noor Example")]
    [InlineData("Sami Al-Hassan", "Sami Hasan")]
    [InlineData("Abd Allah Haddad", "Abdallah Haddad")]
    [InlineData("محمد سالم", "محمود سالم")]
    public void A_misspelt_shorter_or_longer_name_may_be_the_same(string one, string other) => Alike(one, other);

    [Theory]
    [InlineData("أحمد حداد", "Ahmad Haddad")]
    [InlineData("سارة يوسف", "Sarah Youssef")]
    [InlineData("خالد عمر", "Khaled Omar")]
    [InlineData("عبدالله حسين", "Abdullah Hussein")]
    [InlineData("محمد الجمال", "Mohammed El Gamal")]
    public void A_name_in_Arabic_letters_may_be_one_in_Latin_letters(string one, string other) => Alike(one, other);

    [Theory]
    [InlineData("Noor Example", "Sami Example")]
    [InlineData("Noor Example", "Noor Different")]
    [InlineData("Ada Berg", "Ida Holm")]
    [InlineData("أحمد سالم", "خالد سالم")]
    [InlineData("أحمد حداد", "Khaled Haddad")]
    [InlineData("محمد", "Mona")]
    [InlineData("", "Noor")]
    [InlineData("...", "...")]
    public void Another_name_is_another(string one, string other)
    {
        Assert.False(Names.AreAlike(one, other));
        Assert.False(Names.AreAlike(other, one));
    }

    [Fact]
    public void However_long_a_name_is_it_is_compared_soon()
    {
        var hostile = string.Concat(Enumerable.Repeat("ab ", 100_000));

        Assert.False(Names.AreAlike(hostile, "Noor Example"));
    }

    private static void Alike(string one, string other)
    {
        Assert.True(Names.AreAlike(one, other));
        Assert.True(Names.AreAlike(other, one));
    }
}
