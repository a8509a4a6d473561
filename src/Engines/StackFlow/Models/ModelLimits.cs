using System.Globalization;
using System.Text.RegularExpressions;
using StreamCore.Engines.StackFlow.Devices;
using StreamCore.Engines.StackFlow.Units;

namespace StreamCore.Engines.StackFlow.Models;

/// <summary>How much a model takes in.</summary>
internal readonly partial record struct ModelLimits(int PromptTokens, int ContextTokens, int ImageCount, int ImageTokens, bool IsContextModel)
{
    private const int UsualPrompt = 128;
    private const int UsualContext = 1023;

    /// <summary>InternVL's helper on the device puts a sentence of its own before images (about 45 tokens), and markers around them.</summary>
    private const int AroundImage = 48;

    /// <summary>Room that the smallest known vision models leave for the text, where their files do not say.</summary>
    private const int TextBesideImage = 87;

    private const string Context = "-ctx-";

    /// <summary>From the settings, else the model's files, else its name, else what is usual.</summary>
    public static ModelLimits Of(DeviceModelOptions options, ModelFacts facts)
    {
        var isContext = facts.PrecomputeLength is not null || facts.Model.Contains(Context, StringComparison.Ordinal);
        var (images, imageTokens) = facts.Unit == UnitKind.Vlm ? Images(facts.Model) : (0, 0);
        var usual = imageTokens > 0 ? imageTokens + TextBesideImage : UsualPrompt;
        // A context model takes a long prompt in pieces of the prefill's size: its own limit is that of prompt and history.
        var prompt = options.MaxPromptTokens ?? facts.PrecomputeLength ?? facts.PrefillTokens ?? Prefill(facts.Model) ?? usual;
        var context = options.MaxTokenLength ?? facts.MaxTokenLength ?? UsualContext;
        return new ModelLimits(isContext ? prompt : Math.Min(prompt, context), Math.Max(context, isContext ? prompt : 0), images, imageTokens, isContext);
    }

    private static (int Count, int Tokens) Images(string model)
    {
        if (model.Contains("smolvlm", StringComparison.OrdinalIgnoreCase)) return (1, 128);
        if (model.Contains("qwen", StringComparison.OrdinalIgnoreCase)) return (4, 256);
        return (1, (model.Contains("-364-", StringComparison.Ordinal) ? 169 : 256) + AroundImage);
    }

    private static int? Prefill(string name) =>
        PrefillMark().Match(name) is { Success: true } mark ? int.Parse(mark.Groups[1].Value, CultureInfo.InvariantCulture) : null;

    [GeneratedRegex("[-_]p([0-9]{2,5})[-_]")]
    private static partial Regex PrefillMark();
}
