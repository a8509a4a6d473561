using StreamCore.Protocol;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sessions;

/// <summary>What one generation is told and shown.</summary>
public sealed class SessionTests
{
    [Fact]
    public async Task Text_comes_as_it_is_yielded_and_ends_with_the_reason()
    {
        await using var pool = new Pool();
        pool.Member.Script = request => ScriptedSession.Says($"you said {request.Session!.Messages[^1].Text}");
        var generation = pool.Submit("ähm");
        Assert.Equal("you said ähm", await Harness.ReadAsync(generation));
        Assert.Equal(FinishReason.Stop, (await generation.Completion).FinishReason);
        Assert.Equal((3, 12, true), (generation.PromptTokens, generation.CompletionTokens, generation.IsEstimate));
        Assert.Equal(1, pool.Metric("streamcore.generations.ended", "Stop"));
        await Pool.Until(() => pool.Metric("streamcore.sessions.running") == 0);
        Assert.Equal(1, pool.Metric("streamcore.sessions.ended", "ok"));
        Assert.Equal(1, pool.Metric("streamcore.sessions.ended", "m0"));
        Assert.Equal(12, pool.Metric("streamcore.tokens", "generated"));
        Assert.Equal(3, pool.Metric("streamcore.tokens", "prompt"));
    }

    [Fact]
    public async Task Deltas_are_whole_characters_however_pieces_are_cut()
    {
        await using var pool = new Pool();
        var bytes = "aé😀"u8.ToArray();
        pool.Member.Script = _ => [.. bytes.Select(one => new Scheduler.Sessions.SessionPiece(new[] { one }, 1)), ScriptedSession.Piece("", 0, FinishReason.Stop)];
        pool.Member.Hold();
        var generation = pool.Submit();
        var seen = new List<string>();
        for (var i = 0; i < bytes.Length; i++)
        {
            await pool.PieceWaits();
            pool.Member.LetPiece();
        }

        await pool.PieceWaits();
        while (generation.TryRead(out var delta)) seen.Add(System.Text.Encoding.UTF8.GetString(generation.Text(delta).Span));
        Assert.Equal("aé😀", string.Concat(seen));
        pool.Member.LetPiece();
        await generation.Completion;
        generation.Dispose();
    }

    [Fact]
    public async Task A_stop_string_ends_the_text_before_it_across_every_cut_of_pieces()
    {
        await using var pool = new Pool(capacity: 4);
        const string text = "Hello <ENEND> there 😀 <END> and more";
        var bytes = System.Text.Encoding.UTF8.GetBytes(text);
        for (var first = 0; first <= bytes.Length; first++)
        {
            for (var second = first; second <= bytes.Length; second += 3)
            {
                var cuts = (first, second);
                pool.Member.Script = _ =>
                [
                    new(bytes.AsMemory(0, cuts.first), 1), new(bytes.AsMemory(cuts.first, cuts.second - cuts.first), 1),
                    new(bytes.AsMemory(cuts.second), 1), ScriptedSession.Piece("", 0, FinishReason.Length),
                ];
                var generation = pool.Submit(Pool.Request() with { StopStrings = ["<END>", "nope"] });
                Assert.Equal("Hello <ENEND> there 😀 ", await Harness.ReadAsync(generation));
                Assert.Equal((FinishReason.Stop, "<END>"), (generation.Outcome!.FinishReason, generation.Outcome.StopString));
            }
        }
    }

    [Fact]
    public async Task What_a_stop_string_ends_is_ended_in_the_engine_too()
    {
        await using var pool = new Pool();
        var read = 0;
        pool.Member.Script = _ => Endless("ab.", () => read++);
        Assert.Equal("ab", await Harness.ReadAsync(pool.Submit(Pool.Request() with { StopStrings = ["."] })));
        await Pool.Until(() => pool.Member.Running == 0);
        Assert.Equal(1, read);
    }

    [Theory]
    [InlineData(1, "a")]
    [InlineData(3, "abc")]
    public async Task The_token_limit_ends_with_length(int maxTokens, string text)
    {
        await using var pool = new Pool();
        pool.Member.Script = _ => ScriptedSession.Says("abcdef");
        var generation = pool.Submit(maxTokens: maxTokens);
        Assert.Equal(text, await Harness.ReadAsync(generation));
        Assert.Equal(FinishReason.Length, (await generation.Completion).FinishReason);
        Assert.Equal(maxTokens, generation.CompletionTokens);
    }

    [Fact]
    public async Task The_piece_that_reaches_the_token_limit_is_shown_whole()
    {
        await using var pool = new Pool();
        pool.Member.Script = _ => [ScriptedSession.Piece("ab", 2), ScriptedSession.Piece("cdef", 4), ScriptedSession.Piece("never")];
        var generation = pool.Submit(maxTokens: 3);
        Assert.Equal("abcdef", await Harness.ReadAsync(generation));
        Assert.Equal((FinishReason.Length, 6), (generation.Outcome!.FinishReason, generation.CompletionTokens));
    }

    [Fact]
    public async Task The_end_of_the_context_is_a_limit_too()
    {
        await using var pool = new Pool(options: new() { MaxSequenceTokens = 10 });
        pool.Member.Script = _ => ScriptedSession.Says("abcdefghijkl");
        Assert.Equal("abcd", await Harness.ReadAsync(pool.Submit("123456")));
        Assert.False(pool.Scheduler.TrySubmit(Pool.Request("1234567890"), out _, out var refusal));
        Assert.Equal(new Refusal(RefusalReason.NeverFits, TimeSpan.Zero), refusal);
    }

    [Fact]
    public async Task No_tokens_asked_for_is_no_text()
    {
        await using var pool = new Pool();
        var generation = pool.Submit(maxTokens: 0);
        Assert.Equal("", await Harness.ReadAsync(generation));
        Assert.Equal((FinishReason.Length, 0), (generation.Outcome!.FinishReason, generation.CompletionTokens));
        Assert.Empty(pool.Member.Started);
    }

    [Fact]
    public async Task A_request_without_any_prompt_is_a_mistake_of_the_caller()
    {
        await using var pool = new Pool();
        Assert.Throws<ArgumentException>(() => pool.Scheduler.TrySubmit(Pool.Request() with { Session = null }, out _, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Scheduler.TrySubmit(Pool.Request(maxTokens: -1), out _, out _));
    }

    [Fact]
    public async Task Progress_tells_a_watchdog_how_long_nothing_came()
    {
        await using var pool = new Pool(capacity: 3);
        Assert.Equal((TimeSpan.Zero, 3, true), (pool.Scheduler.Progress.SinceProgress, pool.Scheduler.Progress.FreeBlocks, pool.Scheduler.Progress.IsHealthy));
        pool.Member.Hold();
        var generation = pool.Submit();
        await pool.PieceWaits();
        Assert.Equal((1, 0, 2), (pool.Scheduler.Progress.Running, pool.Scheduler.Progress.Waiting, pool.Scheduler.Progress.FreeBlocks));
        pool.Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Equal(TimeSpan.FromMinutes(5), pool.Scheduler.Progress.SinceProgress);
        pool.Member.SetCapacity(0);
        Assert.False(pool.Scheduler.Progress.IsHealthy);
        pool.Member.LetPiece();
        Assert.Equal("ok", await Harness.ReadAsync(generation));
        Assert.Equal((1, TimeSpan.Zero), (pool.Scheduler.Progress.Steps, pool.Scheduler.Progress.SinceProgress));
    }

    [Fact]
    public async Task The_time_to_the_first_text_is_measured_from_submission()
    {
        await using var pool = new Pool();
        pool.Member.Hold();
        var generation = pool.Submit();
        await pool.PieceWaits();
        pool.Time.Advance(TimeSpan.FromSeconds(7));
        pool.Member.LetPiece();
        await Harness.ReadAsync(generation);
        Assert.Equal(7, pool.Metric("streamcore.time_to_first_token"));
    }

    private static IEnumerable<Scheduler.Sessions.SessionPiece> Endless(string text, Action read)
    {
        while (true)
        {
            read();
            yield return ScriptedSession.Piece(text);
        }
    }
}
