using System.Globalization;
using System.Text;

namespace StreamCore.StackFlowSimulator.Front;

/// <summary>The models' description files as lsmode gives them.</summary>
internal static class ModelList
{
    private const int Padding = 40_000;

    /// <param name="first">In the form of the first firmware.</param>
    /// <param name="huge">With as much in each entry as makes the line hundreds of kilobytes.</param>
    public static string Of(IReadOnlyList<SimulatedModel> models, bool first, bool huge) =>
        "[" + string.Join(',', models.Select(model => Entry(model, first, huge))) + "]";

    private static string Entry(SimulatedModel model, bool first, bool huge)
    {
        var (input, output) = Forms(model.Unit);
        var entry = new StringBuilder("{").Append(first ? "\"model\":" : "\"mode\":").Append(Reply.Quote(model.Name))
            .Append(",\"type\":").Append(Reply.Quote(model.Type))
            .Append(",\"homepage\":\"https://example.invalid/").Append(model.Name)
            .Append("\",\"compile_flage\":\"simulated\",\"pulsar_version\":\"0.0\",\"capabilities\":").Append(List(model.Capabilities))
            .Append(",\"input_type\":").Append(first ? Reply.Quote(input[0]) : List(input))
            .Append(",\"output_type\":").Append(first ? Reply.Quote(output[0]) : List(output))
            .Append(",\"mode_param\":{");
        Parameters(entry, model);
        if (huge) entry.Append(",\"tokens\":\"").Append('x', Padding).Append('"');
        return entry.Append("}}").ToString();
    }

    private static void Parameters(StringBuilder entry, SimulatedModel model)
    {
        if (model.Type is "llm" or "vlm")
        {
            entry.Append(CultureInfo.InvariantCulture,
                $"\"tokenizer_type\":2,\"template_filename_axmodel\":\"{model.Name}/model_p{model.PrefillTokens}_l%d_together.axmodel\",\"axmodel_num\":24");
            if (model.PrecomputeTokens > 0) entry.Append(CultureInfo.InvariantCulture, $",\"precompute_len\":{model.PrecomputeTokens}");
        }
        else
        {
            entry.Append(CultureInfo.InvariantCulture, $"\"{(model.Type == "tts" ? "audio_rate" : "sample_rate")}\":{model.AudioRate}");
        }

        if (model.TellsMemory) entry.Append(CultureInfo.InvariantCulture, $",\"cmm_size\":{model.MemoryKilobytes}");
    }

    private static (string[] Input, string[] Output) Forms(string unit) => unit switch
    {
        "llm" => (["llm.utf-8", "llm.utf-8.stream", "llm.chat_completion", "llm.chat_completion.stream"], ["llm.utf-8", "llm.utf-8.stream"]),
        "vlm" => (["vlm.utf-8", "vlm.utf-8.stream", "vlm.jpeg.base64"], ["vlm.utf-8", "vlm.utf-8.stream"]),
        "whisper" or "asr" => ([unit + ".wav.base64", "sys.pcm"], [unit + ".utf-8", unit + ".utf-8.stream"]),
        _ => (["tts.utf-8", "tts.utf-8.stream"], ["tts.base64.wav", "pcm.stream.base64", "sys.pcm"]),
    };

    private static string List(IEnumerable<string> items) => "[" + string.Join(',', items.Select(Reply.Quote)) + "]";
}
