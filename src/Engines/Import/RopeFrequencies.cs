namespace StreamCore.Engines.Import;

/// <summary>The rotary embedding of a model, with its scaling worked in.</summary>
/// <param name="Inverse">Angle per position for each pair of dimensions, head size / 2 of them.</param>
/// <param name="AttentionScale">Factor on both cosine and sine.</param>
/// <param name="MaxContextTokens">The length that the scaling stretches the context to.</param>
internal sealed record RopeFrequencies(float[] Inverse, float AttentionScale, int MaxContextTokens)
{
    private const double DefaultTheta = 10_000;

    /// <summary>Reads rope_theta and rope_scaling, or rope_parameters as newer files have it.</summary>
    public static RopeFrequencies Read(ConfigReader config, int headSize, int trainedContext)
    {
        var key = ScalingKey(config);
        var scaling = config.OptionalObject(key);
        var theta = Theta(config);
        var inverse = new double[headSize / 2];
        for (var i = 0; i < inverse.Length; i++) inverse[i] = Math.Pow(theta, -2.0 * i / headSize);

        var type = scaling?.OptionalText("rope_type") ?? scaling?.OptionalText("type") ?? "default";
        return type switch
        {
            "default" => Plain(inverse, trainedContext),
            "linear" => Linear(inverse, scaling!, trainedContext),
            "llama3" => Llama3(inverse, scaling!, trainedContext),
            "yarn" => Yarn(inverse, scaling!, headSize, theta, trainedContext),
            _ => throw config.Unsupported($"{key} type", type, "known ones: default, linear, llama3, yarn"),
        };
    }

    /// <summary>The base that the unscaled angles are powers of.</summary>
    public static double Theta(ConfigReader config) =>
        config.OptionalObject(ScalingKey(config))?.OptionalNumber("rope_theta") ?? config.OptionalNumber("rope_theta") ?? DefaultTheta;

    private static string ScalingKey(ConfigReader config) => config.Has("rope_parameters") ? "rope_parameters" : "rope_scaling";

    private static RopeFrequencies Plain(double[] inverse, int context) =>
        new(Array.ConvertAll(inverse, value => (float)value), 1, context);

    private static RopeFrequencies Linear(double[] inverse, ConfigReader scaling, int context)
    {
        var factor = scaling.Number("factor");
        return Plain(Array.ConvertAll(inverse, value => value / factor), context);
    }

    /// <summary>Short waves stay, long ones are stretched by the factor, those between are mixed.</summary>
    private static RopeFrequencies Llama3(double[] inverse, ConfigReader scaling, int context)
    {
        var factor = scaling.Number("factor");
        var low = scaling.Number("low_freq_factor");
        var high = scaling.Number("high_freq_factor");
        var original = scaling.Size("original_max_position_embeddings");
        for (var i = 0; i < inverse.Length; i++)
        {
            var turns = original * inverse[i] / (2 * Math.PI);
            var keep = high > low ? Math.Clamp((turns - low) / (high - low), 0, 1) : turns < low ? 0 : 1;
            inverse[i] = keep * inverse[i] + (1 - keep) * inverse[i] / factor;
        }
        return Plain(inverse, context);
    }

    /// <summary>YaRN (arXiv 2309.00071): as above with bounds from numbers of turns, and sharper attention.</summary>
    private static RopeFrequencies Yarn(double[] inverse, ConfigReader scaling, int headSize, double theta, int context)
    {
        var factor = scaling.Number("factor");
        var original = scaling.OptionalSize("original_max_position_embeddings") ?? context;
        var low = PairOfTurns(scaling.OptionalNumber("beta_fast") ?? 32);
        var high = PairOfTurns(scaling.OptionalNumber("beta_slow") ?? 1);
        if (scaling.OptionalFlag("truncate") ?? true) (low, high) = (Math.Floor(low), Math.Ceiling(high));
        low = Math.Max(low, 0);
        high = Math.Min(high, headSize - 1);
        if (low == high) high += 0.001;
        for (var i = 0; i < inverse.Length; i++)
        {
            var stretch = Math.Clamp((i - low) / (high - low), 0, 1);
            inverse[i] = stretch * inverse[i] / factor + (1 - stretch) * inverse[i];
        }

        var scale = scaling.OptionalNumber("attention_factor") ?? YarnScale(scaling, factor);
        var stretched = (int)Math.Min(int.MaxValue, original * factor);
        return Plain(inverse, stretched) with { AttentionScale = (float)scale };

        double PairOfTurns(double turns) => headSize * Math.Log(original / (turns * 2 * Math.PI)) / (2 * Math.Log(theta));
    }

    private static double YarnScale(ConfigReader scaling, double factor)
    {
        var scale = scaling.OptionalNumber("mscale");
        var all = scaling.OptionalNumber("mscale_all_dim");
        return scale is not null && all is not null ? Of(scale.Value) / Of(all.Value) : Of(1);

        double Of(double weight) => factor <= 1 ? 1 : 0.1 * weight * Math.Log(factor) + 1;
    }
}
