using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Rnn.Api.Tests.Faults;
using Rnn.Engine.Models;

namespace Rnn.Api.Tests.ModelLife;

/// <summary>
/// A host with a model folder that tests change. Its models are <c>h' = relu(h + step)</c>: the output after one timestep tells which
/// weights gave it.
/// </summary>
sealed class LifeApplication : IDisposable
{
    const string Manifest = """
        {
          "format": 1,
          "input": { "kind": "features", "features": [{ "name": "x" }] },
          "layers": [{ "kind": "elman", "name": "layer", "hiddenSize": 1, "activation": "relu" }],
          "output": { "kind": "values", "values": [{ "name": "y" }] }
        }
        """;

    readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("rnn-life-");
    readonly RnnApplication _application = new();
    WebApplicationFactory<Program>? _host;
    DateTime _written = DateTime.UtcNow;

    /// <summary>What chance draws, one after the other.</summary>
    public IEnumerable<double> Draws { get; set; } = [];

    public HttpClient Start(params (string Key, string Value)[] settings)
    {
        _application.Settings["Models:Path"] = _folder.FullName;
        foreach (var (key, value) in settings)
        {
            _application.Settings[key] = value;
        }

        _host = _application.WithWebHostBuilder(builder =>
            builder.ConfigureTestServices(services => services.AddSingleton<Random>(new Drawn(Draws))));
        return _host.CreateClient();
    }

    public ModelCatalog Models => _host!.Services.GetRequiredService<ModelCatalog>();

    public FakeTimeProvider Time => _application.Time;

    /// <summary>Has the models look at their folder once.</summary>
    public Task LookAsync() => Models.FollowAsync(TestContext.Current.CancellationToken);

    public void Write(string place, float step)
    {
        WriteManifest(place);
        WriteWeights(place, step);
    }

    public void WriteManifest(string place, string text = Manifest)
    {
        _folder.CreateSubdirectory(place);
        File.WriteAllText(Of($"{place}/model.json"), text);
        Touch($"{place}/model.json");
    }

    public void WriteWeights(string place, float step)
    {
        File.WriteAllBytes(Of($"{place}/w.safetensors"), CountingModel.SafeTensors(
            ("layer.weight_ih_l0", [1, 1], [0]), ("layer.weight_hh_l0", [1, 1], [1]), ("layer.bias_ih_l0", [1], [step]), ("layer.bias_hh_l0", [1], [0])));
        Touch($"{place}/w.safetensors");
    }

    public void Delete(string place) => Directory.Delete(Of(place), recursive: true);

    public void Dispose()
    {
        _host?.Dispose();
        _application.Dispose();
        _folder.Delete(recursive: true);
    }

    string Of(string place) => Path.Combine(_folder.FullName, place);

    // A file system's clock may be too coarse to tell two writes apart.
    void Touch(string file) => File.SetLastWriteTimeUtc(Of(file), _written = _written.AddSeconds(1));

    sealed class Drawn(IEnumerable<double> draws) : Random
    {
        readonly Queue<double> _draws = new(draws);

        public override double NextDouble() => _draws.Dequeue();
    }
}
