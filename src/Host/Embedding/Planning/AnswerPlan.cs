using StreamCore.Scheduler;

namespace StreamCore.Host.Planning;

/// <summary>What a request makes: for each of its prompts some answers, of which some are given.</summary>
/// <param name="Prompts">A generation for each prompt.</param>
/// <param name="MadeCount">Answers made for each prompt.</param>
/// <param name="GivenCount">Answers given for each prompt: the likeliest of those made, or all.</param>
internal sealed record AnswerPlan(IReadOnlyList<GenerationRequest> Prompts, int MadeCount, int GivenCount)
{
    /// <summary>Rules with a state of their own for each choice, besides its prompt's; empty where there are none.</summary>
    public IReadOnlyList<ILogitsRule[]> OwnRules { get; init; } = [];

    /// <summary>Tokens of the longest prompt.</summary>
    public int LongestPrompt => Prompts.Max(prompt => prompt.PromptTokens.Length > 0 ? prompt.PromptTokens.Length : prompt.Session?.Tokens ?? 0);

    /// <summary>The generation of a choice, counted through all prompts. Choices after the first of a prompt wait for its prompt.</summary>
    public GenerationRequest Generation(int choice, IReadOnlyList<Generation> earlier)
    {
        var prompt = Prompts[choice / MadeCount] with { Choice = choice };
        if (OwnRules.Count > 0) prompt = prompt with { LogitsRules = [.. prompt.LogitsRules, .. OwnRules[choice]] };
        return choice % MadeCount == 0
            ? prompt
            : prompt with { Follows = earlier[choice / MadeCount * MadeCount], ScoresPrompt = false };
    }

    /// <summary>The answers that are given: of each prompt those with the highest mean logprob of their tokens
    /// (OpenAI's <c>best_of</c>: "the one with the highest log probability per token").</summary>
    public IReadOnlyList<Generation> Given(IReadOnlyList<Generation> made) => MadeCount == GivenCount
        ? made
        : [.. made.Chunk(MadeCount).SelectMany(prompt => prompt.OrderByDescending(answer => answer.Logprobs!.Mean).Take(GivenCount))];

    /// <summary>The first choice of each prompt: the others have the same prompt, which is counted once.</summary>
    public IEnumerable<Generation> Leaders(IReadOnlyList<Generation> made) => made.Where((_, choice) => choice % MadeCount == 0);
}
