namespace Rnn.Api.Security;

/// <summary>
/// While the server listens on this machine alone, and so needs no key, it answers to this machine's own names only. Otherwise any web
/// page could have its name point here and call the server from the browser of whoever opens it.
/// </summary>
static class LocalHosts
{
    public static void UseLocalHosts(this WebApplication app)
    {
        if (app.Configuration["AllowedHosts"] is not null)
        {
            return;                                        // ASP.NET Core keeps to that list
        }

        var isExposed = new Lazy<bool>(() => app.Services.GetRequiredService<Bindings>().Exposed is not null);
        app.Use((http, next) => isExposed.Value || Bindings.IsLocalHost(http.Request.Host.Host.Trim('[', ']'))
            ? next(http)
            : AccessProblem.HostRefused.ExecuteAsync(http));
    }
}
