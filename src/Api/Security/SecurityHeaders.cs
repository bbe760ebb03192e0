namespace Rnn.Api.Security;

/// <summary>What browsers and caches are told with every answer.</summary>
static class SecurityHeaders
{
    // Swagger UI sets styles from its scripts and has its icons in them.
    const string SwaggerPolicy =
        "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; object-src 'none'";

    public static void UseSecurityHeaders(this IApplicationBuilder app) => app.Use((http, next) =>
    {
        http.Response.OnStarting(
            static state =>
            {
                var http = (HttpContext)state;
                var headers = http.Response.Headers;
                headers.XContentTypeOptions = "nosniff";
                headers["Referrer-Policy"] = "no-referrer";
                if (headers.CacheControl.Count == 0)
                {
                    headers.CacheControl = "no-store";     // a reply is a caller's own; the pages say otherwise themselves
                }

                if (http.Request.Path.StartsWithSegments("/swagger"))
                {
                    headers.ContentSecurityPolicy = SwaggerPolicy;
                }

                return Task.CompletedTask;
            },
            http);
        return next(http);
    });
}
