using StreamCore.LoadTests.Prompts;
using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Tests.Prompts;

public sealed class RequestPlannerTests
{
    private static readonly Scenario Waves = ScenarioFile.Parse("""
        name: waves
        warmup: 2
        stages:
          - name: first
            loads: [{ name: chats, clients: 16, requests: 1, mix: [{ prefix: { name: house, tokens: 50 }, prompt: uniform 10 20, answer: 8 }] }]
          - name: second
            loads: [{ name: chats, clients: 16, requests: 1, mix: [{ prefix: { name: house, tokens: 50 }, prompt: uniform 10 20, answer: 8 }] }]
        """, "waves.yaml");

    [Fact]
    public void The_same_round_gives_the_same_requests_in_any_order()
    {
        var forwards = Planned(Planner(0), Enumerable.Range(0, 16));
        var backwards = Planned(Planner(0), Enumerable.Range(0, 16).Reverse());
        Assert.Equal(forwards, backwards.Reverse());
    }

    [Fact]
    public void Prompts_differ_between_clients_stages_and_rounds()
    {
        var prompts = from round in Enumerable.Range(0, 3)
                      from stage in Waves.Stages
                      from number in Enumerable.Range(0, 16)
                      select Planner(round).Plan(stage, stage.Loads[0], number).Prompt;
        Assert.Equal(3 * 2 * 16, prompts.Distinct().Count());
    }

    [Fact]
    public void A_prefix_is_shared_within_a_round_and_new_in_the_next()
    {
        var (first, second) = (Planner(0), Planner(1));
        var prefixes = Waves.Stages.Select(stage => first.Plan(stage, stage.Loads[0], 3).Prefix).Distinct();
        Assert.Equal(50, Assert.Single(prefixes)!.Split(' ').Length);
        Assert.NotEqual(Planned(first, [0])[0].Prefix, Planned(second, [0])[0].Prefix);
    }

    [Fact]
    public void Warming_up_does_not_compute_the_prefix_that_is_measured()
    {
        var planner = Planner(0);
        var measured = Planned(planner, [0])[0].Prefix;
        var warming = planner.WarmUp().ToArray();
        Assert.Equal(4, warming.Length);
        Assert.All(warming, request => Assert.NotEqual(measured, request.Prefix));
    }

    [Fact]
    public void Kinds_are_drawn_by_their_weights()
    {
        var scenario = ScenarioFile.Parse("""
            stages:
              - name: mix
                loads: [{ name: users, rate: 1, requests: 1, mix: [{ weight: 3, prompt: 1, answer: 1 }, { prompt: 1, answer: 2 }] }]
            """, "mix.yaml");
        var planner = new RequestPlanner(scenario, 0, PromptWriter.CountingWords);
        var drawn = Enumerable.Range(0, 4000).Count(number => planner.Plan(scenario.Stages[0], scenario.Stages[0].Loads[0], number).MaxTokens == 1);
        Assert.InRange(drawn, 2850, 3150);
    }

    private static RequestPlanner Planner(int round) => new(Waves, round, PromptWriter.CountingWords);

    private static PlannedRequest[] Planned(RequestPlanner planner, IEnumerable<int> numbers) =>
        [.. numbers.Select(number => planner.Plan(Waves.Stages[0], Waves.Stages[0].Loads[0], number))];
}
