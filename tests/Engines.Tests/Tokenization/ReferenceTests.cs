using Xunit;

namespace StreamCore.Engines.Tests.Tokenization;

/// <summary>Our ids are those of the reference implementation.</summary>
public class ReferenceTests
{
    public static TheoryData<string> Fixtures => [.. TokenizerFixtures.All];

    private sealed record Expected(int[][] Special, int[][] Plain);

    [Theory]
    [MemberData(nameof(Fixtures))]
    public void Ids_are_those_of_the_reference_implementation(string fixture)
    {
        var tokenizer = TokenizerFixtures.Load(fixture);
        var expected = TokenizerFixtures.Read<Expected>(fixture + ".expected.json");
        var texts = TokenizerFixtures.Read<string[]>("texts.json");
        Assert.Equal(texts.Length, expected.Special.Length);
        for (var i = 0; i < texts.Length; i++)
        {
            Assert.True(expected.Special[i].SequenceEqual(tokenizer.Encode(texts[i], special: true)), $"special: {texts[i]}");
            Assert.True(expected.Plain[i].SequenceEqual(tokenizer.Encode(texts[i], special: false)), $"plain: {texts[i]}");
        }
    }
}
