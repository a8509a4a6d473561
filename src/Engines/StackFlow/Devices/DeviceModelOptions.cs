using System.ComponentModel.DataAnnotations;
using StreamCore.Engines.StackFlow.Models;
using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Devices;

/// <summary>
/// Settings of one model on StackFlow devices. What is absent follows from what the device says of the model, else from its name. Those of prompts,
/// tokens and sampling are for language models.
/// </summary>
public sealed class DeviceModelOptions
{
    /// <summary>The device's name for it (<c>mode</c> in its list), such as <c>qwen2.5-0.5B-p256-ax630c</c>.</summary>
    public string Model { get; set; } = "";

    /// <summary>The name clients ask for. Empty: the device's.</summary>
    public string Name { get; set; } = "";

    /// <summary>What clients ask for.</summary>
    internal string ServedName => Name.Length > 0 ? Name : Model;

    /// <summary>The unit that runs it: <c>llm</c>, <c>vlm</c>, <c>whisper</c>, <c>asr</c>, <c>melotts</c>, <c>tts</c>, <c>cosy_voice</c>.</summary>
    public string Unit { get; set; } = "";

    /// <summary>What <see cref="Unit"/> may be.</summary>
    public static IReadOnlyList<string> Units { get; } = [.. UnitKind.All.Select(unit => unit.Name)];

    /// <summary>Most tasks of the model on one device. Absent: what its unit takes, which is 2 for language models and 1 for most audio models; 1 for
    /// models of 1.5 B and more.</summary>
    [Range(1, 64)]
    public int? PoolSize { get; set; }

    /// <summary>
    /// What a request's temperature and its like do. <c>request</c> by default: a task that was set up with others is set up again, which takes
    /// 10 to 20 s, when no idle one has them. <c>fixed</c>: requests that ask for others than this model's are refused.
    /// </summary>
    public DeviceSampling Sampling { get; set; }

    /// <summary>
    /// Where a request's system message goes. <c>text</c> by default: before the user's first message, so that one task serves every
    /// conversation. <c>setup</c>: it is the task's own system prompt, as the model was trained; right where all clients send the same one, since
    /// every other one sets a task up again, which takes 10 to 20 s.
    /// </summary>
    public SystemPromptPlace SystemPrompt { get; set; }

    /// <summary>The system prompt that tasks are set up with while requests bring none. Short, for it takes room from every prompt.</summary>
    public string Prompt { get; set; } = "You are a helpful assistant.";

    /// <summary>How prompts are written: <c>auto</c>, by the model's name, or a family.</summary>
    public PromptFamilyName Family { get; set; }

    /// <summary>Most tokens of a prompt, the template's included. Absent: what the model's files were made for, else 128.</summary>
    [Range(1, 1 << 20)]
    public int? MaxPromptTokens { get; set; }

    /// <summary>Most tokens of prompt and answer together; the device's cache bounds it. Absent: what the device says of the model, else 1023.</summary>
    [Range(1, 1 << 20)]
    public int? MaxTokenLength { get; set; }

    /// <summary>
    /// How tokens are counted without a <see cref="Tokenizer"/>. A prompt that is too long can crash the device's unit. <c>typical</c> by default: a
    /// cautious count for text in any language, which made-up text can exceed. <c>safe</c>: never below the true count, and for English two to four times it.
    /// </summary>
    public TokenEstimate Estimate { get; set; }

    /// <summary>A folder with the model's <c>tokenizer.json</c>, or that file: then prompts are counted exactly. Empty: they are estimated.</summary>
    public string Tokenizer { get; set; } = "";

    /// <summary>NPU memory a task takes, in bytes. Absent: what the device says of the model, else a guess by its name.</summary>
    public long? Memory { get; set; }

    /// <summary>Under <c>fixed</c>: the temperature; 0 is greedy. Absent: the model's own sampling is left as it is.</summary>
    [Range(0.0, 2.0)]
    public double? Temperature { get; set; }

    /// <summary>Under <c>fixed</c>: top-p. Absent: off.</summary>
    [Range(0.0, 1.0)]
    public double? TopP { get; set; }

    /// <summary>Under <c>fixed</c>: top-k. Absent: off where <see cref="TopP"/> is given, else the model's own.</summary>
    [Range(0, 1 << 20)]
    public int? TopK { get; set; }
}

/// <summary>What a request's sampling settings do.</summary>
public enum DeviceSampling
{
    /// <summary>A task is set up with them.</summary>
    Request = 0,

    /// <summary>Others than the model's are refused.</summary>
    Fixed,
}

/// <summary>Where a request's system message goes.</summary>
public enum SystemPromptPlace
{
    /// <summary>Before the user's first message.</summary>
    Text = 0,

    /// <summary>Into the setup of the task.</summary>
    Setup,
}
