using ModelContextProtocol.AspNetCore;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using Rnn.Api.Errors;

namespace Rnn.Api.Mcp;

/// <summary>The Model Context Protocol at <c>/mcp</c>: streamable HTTP, each call by itself. Sessions are the engine's, named in the call.</summary>
static class McpApi
{
    const string Instructions =
        "Rnn runs recurrent neural networks: forecasts of series, labels of texts and words, continuations of texts, probabilities of texts. "
        + "Call list_models first: it tells what each model reads and tells, in which units, and which of the tools take it. "
        + "Give numbers in the units that it names. A call on a model begins anew each time; a session remembers what it has read.";

    public static void AddMcp(this WebApplicationBuilder builder)
    {
        builder.Services.AddCheckedOptions<McpOptions>("Mcp");
        if (!builder.Configuration.GetValue<bool>("Mcp:Enabled"))
        {
            return;
        }

        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, McpJson.Default));
        builder.Services.AddSingleton<Tools>();
        builder.Services.AddMcpServer().WithHttpTransport(http => http.SessionMode = HttpServerSessionMode.Stateless);
        builder.Services.AddOptions<McpServerOptions>().Configure<Tools>((server, tools) =>
        {
            server.ServerInfo = new Implementation { Name = "rnn", Title = "Rnn", Version = typeof(McpApi).Assembly.GetName().Version!.ToString(3) };
            server.ServerInstructions = Instructions;
            server.ToolCollection = [.. tools.All];
        });
    }

    public static void MapMcp(this IEndpointRouteBuilder routes)
    {
        if (!routes.ServiceProvider.GetRequiredService<McpOptions>().Enabled)
        {
            return;
        }

        var server = routes.ServiceProvider.GetRequiredService<ServerOptions>();
        var mcp = routes.MapMcp("/mcp");
        mcp.ExcludeFromDescription();
        mcp.Add(endpoint =>
        {
            var answer = endpoint.RequestDelegate!;
            endpoint.RequestDelegate = http => PageOrigin.MayCall(http.Request, server)
                ? answer(http)
                : Problem.Of(StatusCodes.Status403Forbidden).ExecuteAsync(http);
        });
    }
}
