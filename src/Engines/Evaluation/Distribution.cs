using System.Numerics;
using System.Runtime.InteropServices;

namespace StreamCore.Engines.Evaluation;

/// <summary>What a row of logits says of the next token, in doubles: probabilities and their logarithms. Set anew for every row.</summary>
internal sealed class Distribution(int vocabularySize)
{
    private readonly double[] _logs = new double[vocabularySize];
    private readonly double[] _probabilities = new double[vocabularySize];

    /// <summary>The most probable token, the lowest id among equals.</summary>
    public int Top { get; private set; }

    public double Log(int token) => _logs[token];

    /// <summary>False when the logits are no distribution: not a number, or infinite.</summary>
    public bool TrySet(ReadOnlySpan<float> logits)
    {
        Top = 0;
        for (var token = 1; token < logits.Length; token++)
        {
            if (logits[token] > logits[Top]) Top = token;
        }

        double max = logits[Top];
        for (var token = 0; token < logits.Length; token++) _logs[token] = logits[token] - max;
        var sum = Exponentiate();
        if (!double.IsFinite(sum)) return false;
        var logSum = Math.Log(sum);
        for (var token = 0; token < _logs.Length; token++)
        {
            _logs[token] -= logSum;
            _probabilities[token] /= sum;
        }

        return true;
    }

    /// <summary>Kullback and Leibler's divergence of another distribution from this one, in nats: sum of p * (log p - log q).</summary>
    public double DivergenceOf(Distribution other)
    {
        var sum = 0.0;
        for (var token = 0; token < _logs.Length; token++)
        {
            if (_probabilities[token] > 0) sum += _probabilities[token] * (_logs[token] - other._logs[token]);
        }

        return Math.Max(sum, 0); // it is never below; rounding may be
    }

    /// <summary>The largest difference between the probabilities of one token.</summary>
    public double LargestDifference(Distribution other)
    {
        var largest = 0.0;
        for (var token = 0; token < _probabilities.Length; token++)
            largest = Math.Max(largest, Math.Abs(_probabilities[token] - other._probabilities[token]));
        return largest;
    }

    /// <summary>The sum of the logarithms' exponentials, which become the probabilities for now.</summary>
    private double Exponentiate()
    {
        var logs = MemoryMarshal.Cast<double, Vector<double>>(_logs.AsSpan());
        var exponentials = MemoryMarshal.Cast<double, Vector<double>>(_probabilities.AsSpan());
        var sums = Vector<double>.Zero;
        for (var i = 0; i < logs.Length; i++) sums += exponentials[i] = Vector.Exp(logs[i]);
        var sum = Vector.Sum(sums);
        for (var token = logs.Length * Vector<double>.Count; token < _logs.Length; token++) sum += _probabilities[token] = Math.Exp(_logs[token]);
        return sum;
    }
}
