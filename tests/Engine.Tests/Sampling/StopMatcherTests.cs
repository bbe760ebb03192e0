using System.Text;
using CsCheck;
using Rnn.Engine.Sampling;

namespace Rnn.Engine.Tests.Sampling;

public sealed class StopMatcherTests
{
    [Fact]
    public void The_told_text_ends_where_the_first_stop_string_begins_however_it_is_cut() =>
        Gen.Select(Gen.String[Gen.Char["ab"], 0, 20], Gen.String[Gen.Char["ab"], 1, 4].Array[0, 3], Gen.Int[1, 4].Array[20]).Sample((text, stops, lengths) =>
        {
            var (told, stopped) = Tell(text, stops, lengths);

            var first = stops.Select(stop => text.IndexOf(stop, StringComparison.Ordinal)).Where(index => index >= 0).DefaultIfEmpty(-1).Min();
            Assert.Equal(first >= 0, stopped);
            if (stopped)
            {
                Assert.All(stops, stop => Assert.DoesNotContain(stop, told, StringComparison.Ordinal));
                Assert.StartsWith(told, text, StringComparison.Ordinal);
            }
            else
            {
                Assert.Equal(text, told);
            }
        });

    [Fact]
    public void Only_what_may_begin_a_stop_string_is_held_back()
    {
        var matcher = new StopMatcher(["END"]);

        Assert.False(matcher.Push("the E", out var safe));
        Assert.Equal(4, safe);
        Assert.False(matcher.Push("N", out safe));
        Assert.Equal(0, safe);
        Assert.False(matcher.Push("T", out safe));
        Assert.Equal(3, safe);
    }

    /// <summary>Pushes a text in pieces; what is still held when it ends without a stop is told as well.</summary>
    static (string Told, bool Stopped) Tell(string text, string[] stops, int[] lengths)
    {
        var matcher = new StopMatcher(stops);
        var told = new StringBuilder();
        var (position, pushed) = (0, 0);
        for (var piece = 0; position < text.Length; piece++)
        {
            var length = Math.Min(lengths[piece % lengths.Length], text.Length - position);
            position += length;
            var stopped = matcher.Push(text.Substring(position - length, length), out var safe);
            told.Append(text, pushed, safe);
            pushed += safe;
            if (stopped)
            {
                return (told.ToString(), true);
            }
        }

        return (told.Append(text, pushed, text.Length - pushed).ToString(), false);
    }
}
