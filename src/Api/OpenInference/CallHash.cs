using System.Globalization;
using System.IO.Hashing;
using System.Text;

namespace Rnn.Api.OpenInference;

/// <summary>A hash of what a call asks for, so that one idempotency key does not come to stand for two calls.</summary>
static class CallHash
{
    public static UInt128 Of(InferCall call)
    {
        var hash = new XxHash128();
        hash.Add(call.Model, call.Version ?? "");
        hash.Add(call.Parameters);
        foreach (var input in call.Inputs)
        {
            hash.Add(input.Name, input.Datatype.Name, Tensor.Text(input.Shape));
            hash.Append(input.ToRaw().Span);
        }

        foreach (var output in call.Outputs)
        {
            hash.Add(output.Name);
            hash.Add(output.Parameters);
        }

        return hash.GetCurrentHashAsUInt128();
    }

    static void Add(this XxHash128 hash, Parameters parameters)
    {
        foreach (var (name, value) in parameters.Values.OrderBy(parameter => parameter.Key, StringComparer.Ordinal))
        {
            hash.Add(name, Convert.ToString(value, CultureInfo.InvariantCulture)!);
        }
    }

    static void Add(this XxHash128 hash, params ReadOnlySpan<string> texts)
    {
        foreach (var text in texts)
        {
            hash.Append(Encoding.UTF8.GetBytes($"{text.Length}:{text}"));
        }
    }
}
