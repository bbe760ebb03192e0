using Microsoft.Extensions.FileProviders;

namespace Rnn.Api.Documentation;

/// <summary>The pages at <c>/</c>, which show a network at work. They are files of <c>wwwroot</c> and call the same routes as any client.</summary>
static class Playground
{
    // Nothing from elsewhere, nothing inline, and in nobody's frame.
    const string Policy = "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

    public static void UsePlayground(this IApplicationBuilder app) => app.UseFileServer(new FileServerOptions
    {
        FileProvider = new PhysicalFileProvider(Path.Combine(AppContext.BaseDirectory, "wwwroot")),
        StaticFileOptions =
        {
            OnPrepareResponse = file =>
            {
                var headers = file.Context.Response.Headers;
                headers.ContentSecurityPolicy = Policy;
                headers.CacheControl = "no-cache";         // asked for each time, and told "not modified"
            },
        },
    });
}
