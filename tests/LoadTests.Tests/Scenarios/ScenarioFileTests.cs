using StreamCore.LoadTests.Scenarios;

namespace StreamCore.LoadTests.Tests.Scenarios;

public sealed class ScenarioFileTests
{
    public static TheoryData<string> Known() => new(ScenarioFile.Known);

    [Theory]
    [MemberData(nameof(Known))]
    public void The_scenarios_that_come_along_are_sound(string name) => Assert.Equal(name, ScenarioFile.Load(name).Name);

    [Fact]
    public void All_settings_are_read()
    {
        var scenario = ScenarioFile.Parse("""
            name: all
            api: completions
            server: kept
            timeout: 2m
            goal: { firstToken: 500ms, perToken: 0.1s }
            stages:
              - name: one
                loads:
                  - name: users
                    clients: 3
                    rampUp: 1s
                    thinkTime: exponential 500
                    duration: 30s
                    mix:
                      - weight: 2
                        prefix: { name: house, tokens: 100 }
                        prompt: uniform 1 9
                        answer: 8
                        abortAfter: 4
                  - name: rush
                    rate: 2.5
                    arrivals: fixed
                    slots: 5
                    until: users
                    mix: [{ prompt: 50, answer: 2, stream: false }]
            """, "all.yaml");
        var (users, rush) = (scenario.Stages[0].Loads[0], scenario.Stages[0].Loads[1]);
        Assert.Equal((TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(100)),
            (scenario.Timeout, scenario.Goal!.FirstToken!.Value, scenario.Goal.PerToken!.Value));
        Assert.Equal(("exponential 500", "house", "4"), (users.ThinkTime.ToString(), users.Mix[0].Prefix!.Name, users.Mix[0].AbortAfter!.ToString()));
        Assert.Equal((2.5, "fixed", false), (rush.Rate, rush.Arrivals, rush.Mix[0].Stream));
        Assert.Equal((8, 128 + 100 + 9 + 8), (scenario.MostAtOnce, scenario.MostTokens));
    }

    [Fact]
    public void All_faults_are_told_at_once()
    {
        var fault = Assert.Throws<UsageException>(() => ScenarioFile.Parse("""
            api: chats
            stages:
              - name: one
                loads:
                  - name: a
                    clients: 0
                    rate: 1
                    until: b
                    mix: [{ prompt: 1, answer: exponential 5 }]
            """, "bad.yaml"));
        Assert.Equal(
            [
                "bad.yaml: api must be chat or completions, but is 'chats'.",
                "bad.yaml: stage 'one': load 'a': give either clients (closed loop) or rate (open loop).",
                "bad.yaml: stage 'one': load 'a': clients must be at least 1.",
                "bad.yaml: stage 'one': load 'a': an amount without an end needs 'max N', so that the context can be made large enough.",
                "bad.yaml: stage 'one': load 'a': until must name a load of the stage that ends by itself, but is 'b'.",
            ],
            fault.Message.Split('\n'));
    }

    [Theory]
    [InlineData("name: x\nclints: 3", "bad.yaml line 2: Property 'clints' not found on type 'StreamCore.LoadTests.Scenarios.Scenario'.")]
    [InlineData("name: x\ntimeout: 5 hours", "bad.yaml line 2: '5 hours' is not a time: write it like 500ms, 30s or 2m.")]
    [InlineData("", "bad.yaml: is empty.")]
    public void What_cannot_be_read_is_told_with_its_line(string text, string message) =>
        Assert.Equal(message, Assert.Throws<UsageException>(() => ScenarioFile.Parse(text, "bad.yaml")).Message);

    [Fact]
    public void A_scenario_that_does_not_exist_is_told_with_those_that_do() =>
        Assert.Contains("chat16, connections", Assert.Throws<UsageException>(() => ScenarioFile.Load("chat17")).Message, StringComparison.Ordinal);
}
