namespace Rnn.Api.Tests.Forecasting;

/// <summary>A host with the <see cref="ForecastModels"/>.</summary>
public sealed class ForecastApplication : IDisposable
{
    readonly ForecastModels _models = new();
    readonly RnnApplication _application;

    public ForecastApplication()
    {
        _application = new() { Settings = { ["Models:Path"] = _models.Path } };
        Client = _application.CreateClient();
    }

    public HttpClient Client { get; }

    public void Dispose()
    {
        Client.Dispose();
        _application.Dispose();
        _models.Dispose();
    }
}
