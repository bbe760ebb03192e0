using Rnn.Engine.Callers;

namespace Rnn.Engine.Models;

/// <summary>The models that there are for the present caller. Others don't exist: whatever asks for one, by whatever protocol, asks here.</summary>
/// <param name="catalog">Every model that is served.</param>
/// <param name="caller">Who asks.</param>
public sealed class VisibleModels(ModelCatalog catalog, CurrentCaller caller)
{
    /// <summary>Who asks.</summary>
    public Caller Caller => caller();

    /// <summary>Every version of every model, by name, the highest version first.</summary>
    public IEnumerable<RecurrentModel> All
    {
        get
        {
            var asking = Caller;
            return catalog.All.Where(model => asking.Sees(model.Name));
        }
    }

    /// <inheritdoc cref="ModelCatalog.Index"/>
    public IReadOnlyList<ModelStatus> Index
    {
        get
        {
            var asking = Caller;
            return [.. catalog.Index.Where(status => asking.Sees(status.Name))];
        }
    }

    /// <summary>The model of a name and version, or its default version if that is null.</summary>
    /// <exception cref="EngineException">It is not loaded.</exception>
    public RecurrentModel Get(string name, int? version) => catalog.Get(name, version, Caller);

    /// <summary>The same for a call or a session that begins: if no version is named, it may be one that gets a share of them.</summary>
    /// <exception cref="EngineException">It is not loaded.</exception>
    public RecurrentModel Draw(string name, int? version) => catalog.Draw(name, version, Caller);

    /// <inheritdoc cref="ModelCatalog.Find"/>
    public RecurrentModel? Find(string name, int version) => Caller.Sees(name) ? catalog.Find(name, version) : null;

    /// <inheritdoc cref="ModelCatalog.IsUnloaded"/>
    public bool IsUnloaded(string name, int version) => Caller.Sees(name) && catalog.IsUnloaded(name, version);

    /// <inheritdoc cref="ModelCatalog.ReasonOf"/>
    public string? ReasonOf(string name, int version) => Caller.Sees(name) ? catalog.ReasonOf(name, version) : null;

    /// <inheritdoc cref="ModelCatalog.LoadAsync"/>
    public Task<IReadOnlyList<ModelStatus>> LoadAsync(string name, int? version, CancellationToken aborted)
    {
        catalog.ExpectExplicit();
        return Caller.Sees(name) ? catalog.LoadAsync(name, version, aborted) : throw ModelCatalog.NotInFolder(name, version);
    }

    /// <inheritdoc cref="ModelCatalog.UnloadAsync"/>
    public Task<IReadOnlyList<ModelStatus>> UnloadAsync(string name, int? version, CancellationToken aborted)
    {
        catalog.ExpectExplicit();
        var asking = Caller;
        return asking.Sees(name) && catalog.All.Any(model => model.Name == name)
            ? catalog.UnloadAsync(name, version, aborted)
            : throw catalog.NotLoaded(asking);
    }
}
