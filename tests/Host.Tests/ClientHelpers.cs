using Xunit;

namespace StreamCore.Host.Tests;

/// <summary>What clients build on top of the API: loops of tools, answers read into types, events of streams.</summary>
public sealed class ClientHelpers : IAsyncLifetime
{
    /// <summary>Knows tools in Hermes's way, and no reasoning.</summary>
    private const string Template = """
        {%- if tools %}<|user|>{% for tool in tools %}{{ tool | tojson }}{% endfor %}Write <tool_call>.{% endif %}
        {%- for m in messages %}
        {%- if m.role == 'assistant' %}<|assistant|>{{ m.content or '' }}
        {%- for c in m.tool_calls or [] %}{{ c.function.name }}({{ c.function.arguments | tojson }}){% endfor %}<|end|>
        {%- else %}<|user|>{{ m.role }}: {{ m.content }}<|end|>
        {%- endif %}
        {%- endfor %}
        {%- if add_generation_prompt %}<|assistant|>{% endif %}
        """;

    private const string ToolResult = "tool: ";

    private ScriptedServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await ScriptedServer.StartAsync(Template);
        _server.Says(Answer);
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public Task The_npm_client_loops_over_tools_parses_and_follows_streams() =>
        OfficialNodeClient.RunAsync("helpers.mjs", _server.Address, ScriptedServer.Model);

    [Fact]
    public Task The_ai_sdk_loops_over_tools_and_makes_objects() =>
        OfficialNodeClient.RunAsync("ai-sdk.mjs", _server.Address, ScriptedServer.Model);

    /// <summary>A call where the weather is asked for, the result once it is there, a greeting, or anything (null).</summary>
    private static string? Answer(string prompt)
    {
        var result = prompt.LastIndexOf(ToolResult, StringComparison.Ordinal);
        if (result >= 0) return "It says: " + prompt[(result + ToolResult.Length)..];
        if (prompt.Contains("user: Weather?", StringComparison.Ordinal))
            return "<tool_call>\n{\"name\": \"get_weather\", \"arguments\": {\"city\": \"Zürich\", \"days\": [1, 2]}}\n</tool_call>";
        return prompt.Contains("user: Say hello.", StringComparison.Ordinal) ? "Hello, world." : null;
    }
}
