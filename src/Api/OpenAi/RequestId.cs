using System.Diagnostics;

namespace Rnn.Api.OpenAi;

/// <summary>The name of a request, by which it is found in the log.</summary>
static class RequestId
{
    public static string Of(HttpContext http) => Activity.Current?.TraceId.ToString() ?? http.TraceIdentifier;
}
