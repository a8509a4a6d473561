using System.Globalization;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using StreamCore.Engines.Evaluation;
using StreamCore.Engines.Models;

namespace StreamCore.Server.Commands;

/// <summary>The figures of an evaluation, for people and for programs. The reference is the first of the models.</summary>
internal sealed class EvaluationReport(IReadOnlyList<ModelFolder> models, int window, int windows, IReadOnlyList<EvaluationFigures> figures)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public string Table()
    {
        var table = new StringBuilder();
        table.AppendLine(CultureInfo.InvariantCulture, $"{figures[0].TokenCount} tokens: the second halves of {windows} windows of {window}. KL is from the reference, in nats.");
        table.AppendLine();
        table.AppendLine("| weights | MB | perplexity | to the reference's | mean KL | 99 % of KL below | same top token | largest difference of a probability |");
        table.Append("| --- | --- | --- | --- | --- | --- | --- | --- |");
        for (var i = 0; i < models.Count; i++)
        {
            var row = figures[i];
            table.AppendLine();
            table.Append(CultureInfo.InvariantCulture, $"| {WeightsOf(models[i])}{(i == 0 ? ", the reference" : "")} | {models[i].WeightBytes / 1e6:F1} ");
            table.Append(CultureInfo.InvariantCulture, $"| {row.Perplexity:F4} | {row.PerplexityRatio:F4} | {row.MeanDivergence:F6} | {row.Divergence99:F5} ");
            table.Append(CultureInfo.InvariantCulture, $"| {100 * row.TopAgreement:F2} % | {row.LargestDifference:F4} |");
        }

        return table.ToString();
    }

    public string Json()
    {
        var rows = models.Zip(figures).Select(pair => new JsonObject
        {
            ["model"] = pair.First.FullPath,
            ["weights"] = WeightsOf(pair.First),
            ["weightBytes"] = pair.First.WeightBytes,
            ["perplexity"] = pair.Second.Perplexity,
            ["perplexityRatio"] = pair.Second.PerplexityRatio,
            ["meanDivergence"] = pair.Second.MeanDivergence,
            ["divergence99"] = pair.Second.Divergence99,
            ["topAgreement"] = pair.Second.TopAgreement,
            ["largestDifference"] = pair.Second.LargestDifference,
        });
        var report = new JsonObject
        {
            ["window"] = window,
            ["windows"] = windows,
            ["tokens"] = figures[0].TokenCount,
            ["models"] = new JsonArray([.. rows]),
        };
        return report.ToJsonString(Indented) + "\n";
    }

    private static string WeightsOf(ModelFolder model) => ModelMetadata.Load(model.FullPath).Weights;
}
