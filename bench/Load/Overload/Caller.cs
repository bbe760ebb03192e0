using System.Text;
using Rnn.Bench.Load.Http;

namespace Rnn.Bench.Load.Overload;

/// <summary>
/// One connection and the session that it moves. Each call says where the session must be, so one that was lost or applied twice shows at
/// the next; what became of the last shows at the end.
/// </summary>
sealed class Caller : IDisposable
{
    readonly Connection _connection = new();
    readonly ReplyReader _reply = new();
    readonly byte[] _end;
    readonly byte[] _request;                              // begin, tag, end
    readonly int _begin;
    int _length;

    Caller(string session, byte[] begin, byte[] end)
    {
        Session = session;
        _begin = begin.Length;
        (_request, _end) = ([.. begin, .. new byte[64], .. end], end);
    }

    public string Session { get; }

    /// <summary>How many calls were carried out.</summary>
    public long Accepted { get; private set; }

    /// <param name="options">What to call.</param>
    /// <param name="api">The server.</param>
    /// <param name="body">The call's body.</param>
    public static async Task<Caller> OpenAsync(LoadOptions options, ServerApi api, string body)
    {
        var session = await api.CreateSessionAsync(options.Model);
        var (_, tag) = await api.WhereIsAsync(session);
        var begin = $"POST /api/v1/sessions/{session}/{(options.Timesteps == 1 ? "step" : "sequence")} HTTP/1.1\r\nHost: {options.Url.Authority}\r\n"
            + $"Content-Type: application/json\r\nContent-Length: {Encoding.UTF8.GetByteCount(body)}\r\nIf-Match: ";
        var caller = new Caller(session, Encoding.UTF8.GetBytes(begin), Encoding.UTF8.GetBytes($"\r\n\r\n{body}"));
        caller.Expect(Encoding.UTF8.GetBytes(tag));
        await caller._connection.OpenAsync(options.Url);
        return caller;
    }

    /// <returns>What the server made of it.</returns>
    public async ValueTask<Answer> CallAsync(Failures failures)
    {
        await _connection.ExchangeAsync(_request.AsMemory(0, _length), _reply);
        switch (_reply.Status)
        {
            case 200:
                Accepted++;
                Expect(_reply.Tag.Span);
                return Answer.Accepted;
            case 429 or 503:
                return Answer.Refused;
            default:
                failures.Add(_reply);                      // 412: the session is not where it was left
                return Answer.Failed;
        }
    }

    public void Dispose() => _connection.Dispose();

    void Expect(ReadOnlySpan<byte> tag)
    {
        tag.CopyTo(_request.AsSpan(_begin));
        _end.CopyTo(_request.AsSpan(_begin + tag.Length));
        _length = _begin + tag.Length + _end.Length;
    }
}

/// <summary>What became of a call.</summary>
enum Answer
{
    Accepted,
    Refused,
    Failed,
}
