using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging;

namespace Rnn.Api.Tests.Fuzz;

/// <summary>What the fuzz rests on finds each kind of fault, and nothing where there is none.</summary>
public sealed class FuzzRunTests : IDisposable
{
    const string Sound = """{"step":1}""";
    const string Problem = """{"type":"urn:a","title":"A","status":404}""";

    static readonly Contract Promised = new(JsonNode.Parse("""
        {
          "paths": {
            "/api/things/{id}": {
              "get": {
                "operationId": "GetThing",
                "responses": {
                  "200": { "content": { "application/json": { "schema": { "$ref": "#/components/schemas/Thing" } }, "text/event-stream": { "schema": { "type": "string" }, "x-itemSchema": { "$ref": "#/components/schemas/Thing" } } } },
                  "204": {},
                  "404": { "content": { "application/problem+json": { "schema": { "$ref": "#/components/schemas/Problem" } } } }
                }
              }
            },
            "/api/things": { "get": { "operationId": "ListThings", "responses": { "200": { "content": { "application/json": { "schema": { "type": "array" } } } } } } }
          },
          "components": {
            "schemas": {
              "Thing": { "type": "object", "required": ["step"], "properties": { "step": { "type": "integer", "minimum": 1 } }, "additionalProperties": false },
              "Problem": { "type": "object", "required": ["type", "title", "status"] }
            }
          }
        }
        """)!);

    readonly LogWatch _log = new();

    [Theory]
    [InlineData(200, "application/json", Sound)]
    [InlineData(200, "text/event-stream", "data: {\"step\":1}\n\ndata: {\"step\":2}\n\n")]
    [InlineData(204, null, "")]
    [InlineData(404, "application/problem+json", Problem)]
    public async Task What_is_promised_is_no_fault(int status, string? type, string body) => Assert.Null(await FaultOfAsync(new(status, type, Encoding.UTF8.GetBytes(body))));

    [Theory]
    [InlineData(500, "application/json", Sound, "the status 500 is not documented")]
    [InlineData(200, "text/plain", Sound, "a body of 'text/plain' is not documented")]
    [InlineData(200, null, Sound, "a body of '' is not documented")]
    [InlineData(200, "application/json", "", "the body of the 200 is empty")]
    [InlineData(200, "application/json", """{"step":""", "no JSON")]
    [InlineData(200, "application/json", "{}", "\"step\"")]
    [InlineData(200, "application/json", """{"step":0}""", "/step")]
    [InlineData(200, "application/json", """{"step":"1"}""", "/step")]
    [InlineData(200, "application/json", """{"step":1,"other":1}""", "/other")]
    [InlineData(200, "text/event-stream", "data: {\"step\":1}\n\ndata: {}\n\n", "item 1")]
    [InlineData(200, "text/event-stream", "\n", "a stream must tell something")]
    [InlineData(204, "application/json", Sound, "a body of 'application/json' is not documented")]
    [InlineData(404, "application/problem+json", """{"type":"urn:a","title":"A","status":400}""", "another status")]
    [InlineData(404, "application/problem+json", """{"title":"A","status":404}""", "type")]
    [InlineData(404, "application/json", Problem, "a body of 'application/json' is not documented")]
    public async Task What_is_not_promised_is_told(int status, string? type, string body, string fault) =>
        Assert.Contains(fault, await FaultOfAsync(new(status, type, Encoding.UTF8.GetBytes(body))), StringComparison.Ordinal);

    [Fact]
    public async Task What_is_logged_as_an_error_is_told_and_what_is_a_warning_is_not()
    {
        var sound = new Reply(200, "application/json", Encoding.UTF8.GetBytes(Sound));

        Assert.Contains("it broke", await FaultOfAsync(sound, () => Log(LogLevel.Error)), StringComparison.Ordinal);
        Assert.Null(await FaultOfAsync(sound, () => Log(LogLevel.Warning)));

        void Log(LogLevel level) => _log.Log(level, default, "it broke", exception: null, (state, _) => state);
    }

    [Fact]
    public async Task A_request_that_is_not_answered_is_told_and_how_to_send_it_again()
    {
        Assert.Contains("it was not answered", await FaultOfAsync(null, () => throw new OperationCanceledException()), StringComparison.Ordinal);
        var fault = await FaultOfAsync(null, () => throw new InvalidOperationException("it broke"));
        Assert.Contains("it broke", fault, StringComparison.Ordinal);
        Assert.Contains(@"printf '{\x27a\x27:\xff%%}' | curl -i --path-as-is -X GET 'localhost:8080/api/things/1' --data-binary @-", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("POST", "/api/things", 405, true)]
    [InlineData("POST", "/api/things/a/b", 404, true)]
    [InlineData("POST", "/api/things", 200, false)]
    [InlineData("POST", "/api/things", 500, false)]
    [InlineData("GET", "/page", 200, true)]
    [InlineData("GET", "/page", 500, false)]
    public async Task What_is_not_documented_is_refused_in_the_words_of_its_protocol(string method, string path, int status, bool isSound)
    {
        var run = new FuzzRun(Promised, _ => Task.FromResult(new Reply(status, "application/problem+json", Encoding.UTF8.GetBytes($$"""{"type":"urn:a","title":"A","status":{{status}}}"""))), _log);

        await run.SendAsync(new WireRequest(method, path), "");

        Assert.Equal(isSound, run.Faults.Count == 0);
    }

    [Fact]
    public async Task An_operation_that_was_never_called_or_never_succeeded_is_told()
    {
        var reply = new Reply(404, "application/problem+json", Encoding.UTF8.GetBytes(Problem));
        var run = new FuzzRun(Promised, _ => Task.FromResult(reply), _log);

        await run.SendAsync(new WireRequest("GET", "/api/things/1"), "");
        Assert.Equal(["GET /api/things", "GET /api/things/{id}"], run.NeverSucceeded);

        reply = new Reply(204, null, []);
        await run.SendAsync(new WireRequest("GET", "/api/things/1"), "");
        Assert.Equal(["GET /api/things"], run.NeverSucceeded);
    }

    public void Dispose() => _log.Dispose();

    async Task<string?> FaultOfAsync(Reply? reply, Action? first = null)
    {
        var run = new FuzzRun(Promised, _ => Answer(), _log);
        await run.SendAsync(new WireRequest("GET", "/api/things/1") { Body = [.. "{'a':"u8, 0xFF, .. "%}"u8] }, "");
        return run.Faults.SingleOrDefault();

        Task<Reply> Answer()
        {
            first?.Invoke();
            return Task.FromResult(reply!);
        }
    }
}
