using StreamCore.Scheduler.Sampling;

namespace StreamCore.Scheduler.Tests.Sampling;

/// <summary>What <c>TokenSampler</c> must keep, the slow way: a full sort, in doubles.</summary>
internal static class PlainSampler
{
    /// <summary>The tokens that stay with their probabilities, the most probable first.</summary>
    public static List<(int Id, double Weight)> Kept(float[] logits, DrawSettings settings)
    {
        var max = (double)logits.Max();
        var scale = 1 / settings.Temperature;
        var kept = logits
            .Select((value, id) => (Id: id, Value: value, Weight: Math.Exp((value - max) * scale)))
            .OrderByDescending(token => token.Value).ThenBy(token => token.Id)
            .ToList();
        if (settings.TopK > 0) kept = kept.Take(settings.TopK).ToList();

        var wanted = settings.TopP * kept.Sum(token => token.Weight);
        var sum = 0.0;
        if (settings.TopP < 1) kept = kept.TakeWhile((token, rank) => (sum += token.Weight) - token.Weight < wanted || rank == 0).ToList();
        kept = kept.Where(token => token.Weight >= settings.MinP && token.Weight > 0).ToList();
        var total = kept.Sum(token => token.Weight);
        return kept.Select(token => (token.Id, token.Weight / total)).ToList();
    }
}
