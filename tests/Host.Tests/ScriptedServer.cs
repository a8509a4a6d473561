using System.Text;
using StreamCore.Scheduler;
using StreamCore.TestKit;
using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>A real server with one model more, which says what the test tells it to.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    public const string Model = "scripted";

    /// <summary>Knows tools in Hermes's way, and reasoning; prints all that a conversation may hold.</summary>
    public const string Template = """
        {%- if tools %}<|user|>{% for tool in tools %}{{ tool | tojson }}{% endfor %}Write <tool_call>.{% endif %}
        {%- for m in messages %}
        {%- if m.role == 'assistant' %}<|assistant|>{% if m.reasoning_content %}<think>{{ m.reasoning_content }}</think>{% endif %}{{ m.content or '' }}
        {%- for c in m.tool_calls or [] %}{{ c.id }}={{ c.function.name }}({{ c.function.arguments | tojson }}){% endfor %}<|end|>
        {%- else %}<|user|>{{ m.role }}{% if m.name %} {{ m.name }}{% endif %}{% if m.tool_call_id %} {{ m.tool_call_id }}{% endif %}: {{ m.content }}<|end|>
        {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}<|assistant|>{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}{% endif %}
        """;

    private readonly OwnServer _server;
    private readonly ITokenizer _tokenizer;
    private string _prompt = "";

    private ScriptedServer(OwnServer server, ITokenizer tokenizer)
    {
        _server = server;
        _tokenizer = tokenizer;
        Http = server.Client();
    }

    public ScriptedEngine Engine { get; } = ScriptedModel.Engine();

    public HttpClient Http { get; }

    public Uri Address => _server.Address;

    /// <summary>The text of the prompt before the last answer began.</summary>
    public string Prompt => Volatile.Read(ref _prompt);

    public static async Task<ScriptedServer> StartAsync(
        string template = Template, ITokenizer? tokenizer = null, Action<StreamCoreOptions>? configure = null, SchedulerOptions? scheduler = null)
    {
        var own = await OwnServer.StartAsync(TestContext.Current.CancellationToken, configure);
        var server = new ScriptedServer(own, tokenizer ?? new ScriptedTokenizer());
        var model = ScriptedModel.Add(own.Services, Model, () => server.Engine, template, server._tokenizer, scheduler);
        using var loaded = (await model.Resident.LeaseAsync(Timeout.InfiniteTimeSpan, TestContext.Current.CancellationToken)).Lease;
        Assert.NotNull(loaded);
        return server;
    }

    /// <summary>Answers every prompt with this text, byte by byte.</summary>
    public void Says(string text) => Says(Encoding.UTF8.GetBytes(text).Select(value => (int)value).ToArray());

    /// <summary>Answers every prompt with these tokens.</summary>
    public void Says(int[] tokens)
    {
        Engine.Says(tokens);
        var script = Engine.Script!;
        Engine.Script = sequence =>
        {
            if (sequence[^1] == ScriptedTokenizer.AssistantToken) Volatile.Write(ref _prompt, TextOf(sequence));
            return script(sequence);
        };
    }

    /// <summary>Answers each prompt with what is given for its text, byte by byte; null leaves it to chance.</summary>
    public void Says(Func<string, string?> answer) => Engine.Script = sequence =>
    {
        var said = 0;
        while (sequence[^(said + 1)] != ScriptedTokenizer.AssistantToken) said++;
        if (answer(TextOf([.. sequence.Take(sequence.Count - said)])) is not { } text) return null;
        var bytes = Encoding.UTF8.GetBytes(text);
        return said < bytes.Length ? bytes[said] : ScriptedTokenizer.EndToken;
    };

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await _server.DisposeAsync();
        Assert.Empty(Engine.Violations);
    }

    private string TextOf(IReadOnlyList<int> tokens) => Encoding.UTF8.GetString([.. tokens.SelectMany(token => _tokenizer.Bytes(token).ToArray())]);
}
