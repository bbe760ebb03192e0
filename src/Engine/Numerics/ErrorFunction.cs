namespace Rnn.Engine.Numerics;

/// <summary>erf(x) = 2 / sqrt(pi) * integral from 0 to x of exp(-t^2) dt, to 1e-14.</summary>
static class ErrorFunction
{
    // Beyond, 1 - erf(x) is below 2e-15.
    const double End = 5.7;

    // Above, the series cancels and the continued fraction converges quickly.
    const double Split = 2.5;

    /// <summary>erf(x).</summary>
    public static double Of(double x) => Math.Abs(x) switch
    {
        <= Split => Series(x),
        < End => Math.Sign(x) * (1 - Tail(Math.Abs(x))),
        _ => double.IsNaN(x) ? x : Math.Sign(x),
    };

    /// <summary>2 / sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (1 * 3 * ... * (2n + 1)): all terms of one sign.</summary>
    static double Series(double x)
    {
        var (term, sum) = (x, x);
        for (var n = 1; Math.Abs(term) > 1e-17 * Math.Abs(sum); n++)
        {
            term *= 2 * x * x / (2 * n + 1);
            sum += term;
        }

        return 2 / Math.Sqrt(Math.PI) * Math.Exp(-x * x) * sum;
    }

    /// <summary>1 - erf(x) = exp(-x^2) / sqrt(pi) * 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + ...)))).</summary>
    static double Tail(double x)
    {
        const int Depth = 60;
        var fraction = x;
        for (var n = Depth; n > 0; n--)
        {
            fraction = x + n / 2.0 / fraction;
        }

        return Math.Exp(-x * x) / Math.Sqrt(Math.PI) / fraction;
    }
}
