using System.Collections.Frozen;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;
using StreamCore.Scheduler.Sessions;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>
/// How a family of models writes a conversation. A device makes exactly one system and one user turn of every inference, by the model's own
/// template, but reads markers of turns inside the user's text. So earlier turns are closed and opened there:
/// <code>
/// device:  (system) prompt (end) (user) TEXT (end) (assistant)
/// TEXT:    first question (end) (assistant) its answer (end) (user) last question
/// </code>
/// For the same reason markers in what clients send are broken up. Pure; safe for many threads.
/// </summary>
internal sealed class PromptFamily
{
    private const string Paragraph = "\n\n";
    private const string ThinkStart = "<think>";
    private const string ThinkEnd = "</think>";

    /// <summary>Special tokens of nearly all families are spelled so, with plain bars or, DeepSeek's, wide ones. None has a space in it.</summary>
    private const string AnyMarker = @"[|｜][^|｜<>\s]{1,64}[|｜]>";

    private static readonly FrozenDictionary<PromptFamilyName, PromptFamily> Families = new[]
    {
        new PromptFamily(PromptFamilyName.ChatML)
        {
            Template = "<|im_start|>system\n{0}<|im_end|>\n<|im_start|>user\n{1}<|im_end|>\n<|im_start|>assistant\n",
            ToAssistant = "<|im_end|>\n<|im_start|>assistant\n",
            ToUser = "<|im_end|>\n<|im_start|>user\n",
            EndMarkers = ["<|im_end|>", "<|im_start|>", "<|endoftext|>"],
            // InternVL's: where the image's tokens go.
            Markers = Marker(["<img>", "</img>", "<image>", "<IMG_CONTEXT>"]),
        },
        new PromptFamily(PromptFamilyName.SmolVlm)
        {
            Template = "<|im_start|>System: {0}<end_of_utterance>\nUser: {1}<end_of_utterance>\nAssistant:",
            ToAssistant = "<end_of_utterance>\nAssistant: ",
            ToUser = "<end_of_utterance>\nUser: ",
            EndMarkers = ["<end_of_utterance>", "<|im_end|>", "<|im_start|>", "<|endoftext|>"],
            Markers = Marker(["<end_of_utterance>", "<image>", "<fake_token_around_image>", "<global-img>", "<row_"]),
        },
        new PromptFamily(PromptFamilyName.Llama3)
        {
            // The model's own template tells the date, and the devices' helper leaves the system message out.
            Template = "<|begin_of_text|><|start_header_id|>system<|end_header_id|>\n\nCutting Knowledge Date: December 2023\n" +
                "Today Date: 26 Jul 2024\n\n<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n{1}<|eot_id|>" +
                "<|start_header_id|>assistant<|end_header_id|>\n\n",
            ToAssistant = "<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n",
            ToUser = "<|eot_id|><|start_header_id|>user<|end_header_id|>\n\n",
            EndMarkers = ["<|eot_id|>", "<|eom_id|>", "<|end_of_text|>", "<|start_header_id|>"],
            Markers = Marker([]),
        },
        new PromptFamily(PromptFamilyName.DeepSeek)
        {
            Template = "<｜begin▁of▁sentence｜>{0}<｜User｜>{1}<｜Assistant｜><think>\n",
            ToAssistant = "<｜Assistant｜>",
            ToUser = "<｜end▁of▁sentence｜><｜User｜>",
            EndMarkers = ["<｜end▁of▁sentence｜>", "<｜User｜>", "<|endoftext|>"],
            Markers = Marker([]),
        },
        new PromptFamily(PromptFamilyName.Plain)
        {
            Template = "<|system|>\n{0}<|end|>\n<|user|>\n{1}<|end|>\n<|assistant|>\n",
            ToAssistant = "\n\nAssistant: ",
            ToUser = "\n\nUser: ",
            EndMarkers = ["<|endoftext|>", "<|im_end|>", "</s>"],
            Markers = Marker(["<s>", "</s>"]),
        },
    }.ToFrozenDictionary(family => family.Name);

    private PromptFamily(PromptFamilyName name) => Name = name;

    public PromptFamilyName Name { get; }

    /// <summary>Spellings that end an answer where they come as text; the device stops at one of the model's end tokens only.</summary>
    public required IReadOnlyList<string> EndMarkers { get; init; }

    /// <summary>What the device makes of its prompt (0) and the text (1); for counting.</summary>
    private string Template { get; init; } = "";

    private string ToAssistant { get; init; } = "";

    private string ToUser { get; init; } = "";

    /// <summary>The first character of a marker.</summary>
    private Regex Markers { get; init; } = Marker([]);

    /// <summary>Whether the prompt of a task's setup reaches the model.</summary>
    public bool HasSystemPrompt => Template.Contains("{0}", StringComparison.Ordinal);

    public static PromptFamily Of(PromptFamilyName name) => Families[name];

    /// <summary>By the device's name for the model.</summary>
    public static PromptFamily Of(string model)
    {
        bool Has(string part) => model.Contains(part, StringComparison.OrdinalIgnoreCase);
        if (Has("deepseek")) return Of(PromptFamilyName.DeepSeek);
        if (Has("smolvlm")) return Of(PromptFamilyName.SmolVlm);
        if (Has("qwen") || Has("internvl") || Has("smollm")) return Of(PromptFamilyName.ChatML);
        if (Has("openbuddy")) return Of(PromptFamilyName.Plain); // built on Llama, with a template of its own
        return Of(Has("llama3") || Has("llama-3") ? PromptFamilyName.Llama3 : PromptFamilyName.Plain);
    }

    /// <summary>The text with every marker broken by a space; unchanged where there is none.</summary>
    public string Neutralise(string text) => text.Contains('<') ? Markers.Replace(text, "< ") : text;

    /// <summary>The whole conversation as the device's two: the prompt of its setup, and the text of one inference.</summary>
    /// <param name="place">Where system messages at the beginning go.</param>
    /// <param name="neutral">The prompt for the setup while no message says another.</param>
    public DevicePrompt Compose(IReadOnlyList<SessionMessage> messages, SystemPromptPlace place, string neutral)
    {
        var leading = messages.TakeWhile(message => message.Role == SessionRole.System).Count();
        var setup = place == SystemPromptPlace.Setup && HasSystemPrompt && leading > 0
            ? string.Join(Paragraph, messages.Take(leading).Select(message => Neutralise(message.Text)))
            : null;

        var text = new StringBuilder();
        var user = true; // whose turn is open
        var fresh = true; // nothing in it yet
        foreach (var message in messages.Skip(setup is null ? 0 : leading))
        {
            // A system message in the midst speaks to the model before the user's next words, as small models understand best.
            var isUser = message.Role != SessionRole.Assistant;
            if (isUser != user) text.Append(isUser ? ToUser : ToAssistant);
            else if (!fresh) text.Append(Paragraph);
            text.Append(Neutralise(isUser ? message.Text : WithoutThinking(message.Text)));
            (user, fresh) = (isUser, false);
        }

        if (!user) text.Append(ToUser);
        return new DevicePrompt(setup ?? neutral, InferenceRequests.Harmless(text.ToString()));
    }

    /// <summary>All that the model sees, for counting.</summary>
    public string Render(DevicePrompt prompt) =>
        string.Format(CultureInfo.InvariantCulture, Template, prompt.Setup, prompt.Text);

    /// <summary>Templates of models that think leave the thoughts of earlier answers out.</summary>
    private static string WithoutThinking(string answer)
    {
        if (!answer.AsSpan().TrimStart().StartsWith(ThinkStart)) return answer;
        var end = answer.IndexOf(ThinkEnd, StringComparison.Ordinal);
        return end < 0 ? answer : answer[(end + ThinkEnd.Length)..].TrimStart();
    }

    private static Regex Marker(IReadOnlyList<string> literals)
    {
        var after = literals.Select(literal => Regex.Escape(literal[1..])).Prepend(AnyMarker);
        return new Regex($"<(?={string.Join('|', after)})", RegexOptions.CultureInvariant);
    }
}

/// <summary>A conversation as a device takes it.</summary>
/// <param name="Setup">The system prompt of the task.</param>
/// <param name="Text">The user's text of one inference.</param>
internal sealed record DevicePrompt(string Setup, string Text);
