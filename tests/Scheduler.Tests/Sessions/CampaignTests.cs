using System.Text;
using StreamCore.Protocol;
using StreamCore.Scheduler.Sessions;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Scheduler.Tests.Sessions;

/// <summary>
/// Thousands of generations over members that fail in every way, fall out of reach, leave and come back, while clients leave and
/// deadlines pass: every generation ends, none has another's text or a text begun twice, and no place or count is left.
/// </summary>
public sealed class CampaignTests
{
    private const int MemberCount = 5;
    private const int GenerationCount = 1000;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Every_generation_ends_with_its_own_text(int seed)
    {
        var options = new SessionSchedulerOptions { QueueCapacity = 40, UnreachableTimeout = TimeSpan.FromSeconds(5) };
        await using var pool = new Pool(MemberCount, capacity: 2, options);
        foreach (var (member, i) in pool.Members.Select((member, i) => (member, i))) member.Script = Script(member, new Random(seed * 100 + i));

        // 1. Clients submit as fast as the queue takes it, and the world changes meanwhile.
        var random = new Random(seed);
        var readings = new List<Task<Ending>>();
        var refused = 0;
        while (readings.Count < GenerationCount)
        {
            Change(pool, random);
            var request = Next(random, readings.Count);
            if (pool.Scheduler.TrySubmit(request, out var generation, out var refusal))
                readings.Add(ReadAsync(generation, request, random.Next(8) == 0 ? random.Next(12) : int.MaxValue));
            else
            {
                Assert.Equal(RefusalReason.QueueFull, refusal.Reason);
                refused++;
                await Task.Yield();
            }
        }

        // 2. All is well again.
        foreach (var member in pool.Members)
        {
            pool.Scheduler.Add(member);
            member.ReturnPlaces();
            member.SetCapacity(2);
        }

        var all = Task.WhenAll(readings);
        await Pool.Until(() =>
        {
            pool.Time.Advance(TimeSpan.FromMilliseconds(1));
            return all.IsCompleted;
        });
        var endings = await all;

        // 3. What came of it.
        Assert.All(endings, CheckText);
        Assert.True(endings.Count(ending => ending.Outcome.IsFinished) > GenerationCount / 4);
        Assert.Contains(endings, ending => ending.Outcome.StopString is not null);
        Assert.Contains(endings, ending => ending.Outcome.FinishReason == FinishReason.Length);
        Assert.Contains(endings, ending => ending.Outcome is { Fault.MayRetry: true });
        Assert.Contains(endings, ending => ending.Outcome.CancelledBy == CancelledBy.Client);
        Assert.Contains(endings, ending => ending.Outcome.CancelledBy == CancelledBy.Deadline);
        Assert.True(pool.Metric("streamcore.sessions.failovers") > 0);
        Assert.Equal(GenerationCount, pool.Metric("streamcore.generations.ended"));
        Assert.Equal(refused, pool.Metric("streamcore.generations.refused"));
        await Pool.Until(() => pool.Metric("streamcore.sessions.running") == 0);
    }

    private static GenerationRequest Next(Random random, int number) => Pool.Request($"<{number}>", maxTokens: random.Next(4) == 0 ? 5 : 1000) with
    {
        StopStrings = random.Next(4) == 0 ? ["é.7"] : [],
        FairnessKey = $"{random.Next(4)}",
        Timeout = random.Next(6) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 60)) : TimeSpan.FromMinutes(1),
        QueueTimeout = random.Next(4) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 40)) : null,
    };

    /// <summary>The whole answer to a prompt.</summary>
    private static string Answer(string prompt) => string.Concat(Enumerable.Range(1, 12).Select(i => $"{prompt}é.{i} "));

    /// <summary>A member that answers, cut anywhere, or fails in one of all ways.</summary>
    private static Func<GenerationRequest, IEnumerable<SessionPiece>> Script(ScriptedSession member, Random random) => request =>
    {
        int fate, after, cut;
        lock (random) (fate, after, cut) = (random.Next(24), random.Next(1, 8), random.Next(1, 40));
        var pieces = Pieces(Encoding.UTF8.GetBytes(Answer(request.Session!.Messages[^1].Text)), cut);
        switch (fate)
        {
            case 0 or 1 or 2: return ScriptedSession.Fails(new EngineFault("lost", MayRetry: true));
            case 3: return ScriptedSession.Fails(new EngineFault("lost", MayRetry: true), ScriptedSession.Piece("", 3));
            case 4: return ScriptedSession.Fails(new EngineFault("refused", MayRetry: false));
            case 5 or 6: return ScriptedSession.Fails(new EngineFault("lost", MayRetry: true), pieces.Take(after));
            case 7: return pieces.Take(after);
            case 8: throw new InvalidOperationException("a bug");
            case 9: throw new OperationCanceledException("of something else");
            case 10:
                member.SetCapacity(0);
                return ScriptedSession.Fails(new EngineFault("lost", MayRetry: true));
            default: return pieces;
        }
    };

    private static IEnumerable<SessionPiece> Pieces(byte[] text, int size) =>
        text.Chunk(size).Select(bytes => new SessionPiece(bytes, 1)).Append(ScriptedSession.Piece("", 0, FinishReason.Stop));

    private static void Change(Pool pool, Random random)
    {
        pool.Time.Advance(TimeSpan.FromMilliseconds(random.Next(4)));
        var member = pool.Members[random.Next(MemberCount)];
        switch (random.Next(20))
        {
            case 0 or 1:
                member.SetCapacity(random.Next(3));
                break;
            case 2:
                pool.Scheduler.Remove(member);
                break;
            case 3 or 4:
                pool.Scheduler.Add(member);
                member.SetCapacity(random.Next(1, 3));
                break;
            case 5:
                member.KeepPlaces();
                break;
            case 6 or 7:
                member.ReturnPlaces();
                break;
        }
    }

    /// <param name="patience">Pieces after which the client leaves; 0 before it reads.</param>
    private static async Task<Ending> ReadAsync(Generation generation, GenerationRequest request, int patience)
    {
        var text = new List<byte>();
        if (patience == 0) generation.Cancel(CancelledBy.Client);
        while (await generation.WaitToReadAsync())
        {
            while (generation.TryRead(out var delta)) text.AddRange(generation.Text(delta).Span);
            if (--patience == 0) generation.Cancel(CancelledBy.Client);
        }

        var outcome = await generation.Completion;
        generation.Dispose();
        return new Ending(request, outcome, new UTF8Encoding(false, throwOnInvalidBytes: true).GetString([.. text]));
    }

    private static void CheckText(Ending ending)
    {
        var answer = Answer(ending.Request.Session!.Messages[^1].Text);
        var outcome = ending.Outcome;
        if (outcome.StopString is { } stop) Assert.Equal(answer[..answer.IndexOf(stop, StringComparison.Ordinal)], ending.Text);
        else if (outcome.FinishReason == FinishReason.Stop) Assert.Equal(answer, ending.Text);
        else Assert.StartsWith(ending.Text.TrimEnd('\uFFFD'), answer, StringComparison.Ordinal); // what broke off may have broken a character
    }

    private sealed record Ending(GenerationRequest Request, Outcome Outcome, string Text);
}
