using System.Collections.Frozen;
using Rnn.Engine.Callers;

namespace Rnn.Engine.Models;

/// <summary>
/// The models that are served, by name and version. A model is read and checked beside what is served, and takes its place at once:
/// calls under way end on the one they began with, and the next get the new one. Looking one up takes no lock.
/// </summary>
public sealed class ModelCatalog : IDisposable
{
    readonly ModelRepository? _repository;
    readonly ModelLoader? _loader;
    readonly VersionRules _rules;
    readonly Random _random;
    readonly SemaphoreSlim _changing = new(1);
    Dictionary<ModelSource, string> _looked = [];
    volatile IReadOnlyList<ModelEntry> _entries;
    volatile FrozenDictionary<string, ModelVersions> _served;

    /// <summary>Models that stay.</summary>
    /// <param name="models">The models; no two of the same name and version.</param>
    public ModelCatalog(IEnumerable<RecurrentModel> models)
    {
        _rules = new();
        _random = Random.Shared;
        _entries = [.. models.Select(model => new ModelEntry(model.Name, model.Version, Source: null).Served(model))];
        _served = Served();
    }

    /// <summary>
    /// Loads every model of a folder: <c>{name}/{version}/</c> with weights and perhaps a <c>model.json</c>, <c>{name}/</c> with
    /// the same, or just a file <c>{name}.pt</c>, <c>.keras</c> and so on; the last two are version 1. One that can't be served
    /// does not keep the others from it.
    /// </summary>
    /// <param name="folder">The folder.</param>
    /// <param name="loader">What loads each.</param>
    /// <param name="control">Who may change what is served.</param>
    /// <param name="rules">Which version is meant if none is named.</param>
    /// <param name="random">What decides on a share of the calls; it must be safe to share.</param>
    /// <exception cref="EngineException">There is no such folder.</exception>
    public ModelCatalog(string folder, ModelLoader loader, ModelControl control, VersionRules rules, Random random)
    {
        _repository = new ModelRepository(folder);
        _loader = loader;
        _rules = rules;
        _random = random;
        _entries = [];
        _served = Served();
        Control = control;
        foreach (var place in _repository.Places())
        {
            Read(place, _looked[place.Source] = place.Signature(), isStart: true);
        }
    }

    /// <summary>The models of a folder, which stay as they are. The highest version is the default.</summary>
    /// <inheritdoc cref="ModelCatalog(string, ModelLoader, ModelControl, VersionRules, Random)"/>
    public static ModelCatalog Load(string folder, ModelLoader loader) => new(folder, loader, ModelControl.None, new(), Random.Shared);

    /// <summary>Tells of every version that was read, refused or unloaded, and the model that is served of it, if one is.</summary>
    public event Action<ModelStatus, RecurrentModel?>? Changed;

    /// <summary>Who may change what is served.</summary>
    public ModelControl Control { get; }

    /// <summary>Every version of every model that is served, by name, the highest version first.</summary>
    public IEnumerable<RecurrentModel> All =>
        _served.OrderBy(entry => entry.Key, StringComparer.Ordinal).SelectMany(entry => entry.Value.All);

    /// <summary>Every version of every model that is known, served or not, by name, the highest version first.</summary>
    public IReadOnlyList<ModelStatus> Index => Statuses(_ => true);

    /// <summary>The models that could not be served from the start on, each a sentence that says which and why.</summary>
    public IReadOnlyList<string> Refused =>
        [.. _entries.Where(entry => entry is { State: ModelState.Failed, IsFromStart: true }).Select(entry => entry.Reason!)];

    /// <summary>What was refused since: each a sentence. What was served before is served on.</summary>
    public IReadOnlyList<string> RefusedSince =>
        [.. _entries.Where(entry => entry is { Reason: not null, IsFromStart: false }).Select(entry => entry.Reason!)];

    /// <summary>The model <paramref name="name"/> in <paramref name="version"/>, or in its default if that is null.</summary>
    /// <param name="name">The name, or <c>name@label</c>.</param>
    /// <param name="version">The version.</param>
    /// <param name="caller">Who asks: for him there are no models but those that he sees; null for whoever runs the server.</param>
    /// <exception cref="EngineException">It is not loaded.</exception>
    public RecurrentModel Get(string name, int? version, Caller? caller = null) => Named(name, version, caller, out var versions) ?? versions.Default;

    /// <summary>The same for a call or a session that begins: if no version is named, it may be one that gets a share of them.</summary>
    /// <inheritdoc cref="Get"/>
    public RecurrentModel Draw(string name, int? version, Caller? caller = null) => Named(name, version, caller, out var versions) ?? versions.Draw(_random);

    /// <summary>A version of a model; null if it is not loaded.</summary>
    public RecurrentModel? Find(string name, int version) =>
        _served.TryGetValue(name, out var versions) ? versions.Find(version) : null;

    /// <summary>Whether a version was unloaded by a call, which can load it again.</summary>
    public bool IsUnloaded(string name, int version) =>
        _entries.Any(entry => entry.State == ModelState.Unloaded && entry.Name == name && entry.Version == version);

    /// <summary>Why the changed files of a version that is served are not; null if they are.</summary>
    public string? ReasonOf(string name, int version) => _entries.FirstOrDefault(entry => entry.IsFor(name, version))?.Reason;

    /// <summary>Loads what is new or changed of a model; if some of it is refused, what was served before is served on.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version; null for all that lie in the folder.</param>
    /// <param name="aborted">Gives up before the next version.</param>
    /// <returns>The model's versions.</returns>
    /// <exception cref="EngineException">Calls may not load here, there is no such model in the folder, or some of it is refused.</exception>
    public Task<IReadOnlyList<ModelStatus>> LoadAsync(string name, int? version, CancellationToken aborted) => ChangeAsync(() =>
    {
        ExpectExplicit();
        var all = _repository!.Places().Where(place => place.Name == name).ToList();
        foreach (var gone in _entries.Where(entry => entry.Name == name && entry.Reason is not null && !all.Exists(place => place.Source == entry.Source)))
        {
            Put(gone, gone.Model is null ? null : gone with { Reason = null });        // what was refused there is there no more
        }

        var places = all.Where(place => version is null || place.Version == version).ToList();
        if (places.Count == 0)
        {
            throw NotInFolder(name, version);
        }

        var reasons = new List<string>();
        foreach (var place in places)
        {
            aborted.ThrowIfCancellationRequested();
            var signature = place.Signature();
            if (EntryOf(place) is not { State: ModelState.Ready, Reason: null } entry || entry.Signature != signature)
            {
                reasons.AddRange(Read(place, signature, isStart: false).Reason is { } reason ? [reason] : []);
            }
        }

        return reasons.Count == 0 ? Statuses(entry => entry.Name == name) : throw EngineException.Model(string.Join(' ', reasons));
    }, aborted);

    /// <summary>Ends serving a model. Calls under way end on it; sessions stay, and go on once it is loaded again.</summary>
    /// <param name="name">The model.</param>
    /// <param name="version">The version; null for all.</param>
    /// <param name="aborted">Gives up.</param>
    /// <returns>The model's versions.</returns>
    /// <exception cref="EngineException">Calls may not unload here, or it is not loaded.</exception>
    public Task<IReadOnlyList<ModelStatus>> UnloadAsync(string name, int? version, CancellationToken aborted) => ChangeAsync(() =>
    {
        ExpectExplicit();
        if (!_served.TryGetValue(name, out var versions))
        {
            throw NotLoaded(Caller.Anyone);
        }

        foreach (var model in version is null ? versions.All : [versions.Get(version.Value)])
        {
            var entry = _entries.First(entry => entry.Model == model);
            Put(entry, entry.Unloaded());
        }

        return Statuses(entry => entry.Name == name);
    }, aborted);

    /// <summary>
    /// Follows the folder: what is new or changed is loaded, what has gone is unloaded; but only what is the same as at the last look,
    /// as it may still be being written.
    /// </summary>
    /// <exception cref="EngineException">There is no folder any more; what is served stays.</exception>
    /// <exception cref="IOException">Something went away while it was looked at; the next look sees it.</exception>
    public Task FollowAsync(CancellationToken aborted) => ChangeAsync(() =>
    {
        var places = _repository!.Places();
        var (before, now) = (_looked, places.ToDictionary(place => place.Source, place => place.Signature()));
        _looked = now;
        foreach (var place in places.Where(place => before.GetValueOrDefault(place.Source) == now[place.Source]))
        {
            aborted.ThrowIfCancellationRequested();
            if (EntryOf(place)?.Signature != now[place.Source])
            {
                Read(place, now[place.Source], isStart: false);
            }
        }

        foreach (var gone in _entries.Where(entry => !now.ContainsKey(entry.Source!) && !before.ContainsKey(entry.Source!)))
        {
            Put(gone, null);
        }

        return Index;
    }, aborted);

    /// <inheritdoc/>
    public void Dispose() => _changing.Dispose();

    async Task<IReadOnlyList<ModelStatus>> ChangeAsync(Func<IReadOnlyList<ModelStatus>> change, CancellationToken aborted)
    {
        await _changing.WaitAsync(aborted);
        try
        {
            return await Task.Run(change, aborted);        // it reads files and computes
        }
        finally
        {
            _changing.Release();
        }
    }

    ModelEntry Read(ModelPlace place, string signature, bool isStart)
    {
        var before = EntryOf(place);
        var entry = before ?? new ModelEntry(place.Name, place.Version, place.Source);
        entry = entry with { Signature = signature, IsFromStart = isStart };
        if (entry.Model is null)
        {
            var loading = entry with { State = ModelState.Loading, Reason = null };
            Put(before, loading);
            before = loading;
        }

        entry = Read(place, entry);
        Put(before, entry);
        Changed?.Invoke(entry.Status, entry.Model);
        return entry;
    }

    ModelEntry Read(ModelPlace place, ModelEntry entry)
    {
        var name = place.Name;
        try
        {
            var version = place.Version
                ?? throw EngineException.Model($"Model '{name}': the folder '{place.Label}' holds a model; its name must be the version, a number from 1.");
            if (_entries.Any(other => other.Source != place.Source && other.IsFor(name, version) && other.Source!.Exists))
            {
                throw EngineException.Model($"Model '{name}' version {version} is there twice: as a folder and as a file.");
            }

            var model = _loader!.Load(name, version, place.Source);
            return place.Signature() == entry.Signature
                ? entry.Served(model)
                : throw EngineException.Model($"Model '{name}' version {version}: its files were changed while they were read.");
        }
        catch (EngineException exception) when (exception.Kind == ErrorKind.BadModel)
        {
            return entry.Refused(exception.Message);
        }
        catch (IOException exception)
        {
            return entry.Refused($"Model '{name}': its files can't be read ({exception.GetType().Name}).");
        }
        catch (Exception exception) when (exception is not EngineException)
        {
            // A fault of ours in one model's file is no reason not to serve the others.
            return entry.Refused($"Model '{name}': {exception.GetType().Name}: {exception.Message} This is a bug.");
        }
    }

    /// <summary>Puts an entry in the place of another, for all calls that begin from now on.</summary>
    void Put(ModelEntry? before, ModelEntry? after)
    {
        // What was moved, from a file to a folder say, is served from where it was until it is served from where it is.
        var others = _entries.Where(entry => entry != before && !(after?.Model is not null && entry.IsFor(after.Name, after.Version)));
        _entries = [.. others, .. after is null ? [] : new[] { after }];
        if (before?.Model != after?.Model)
        {
            _served = Served();
        }
    }

    FrozenDictionary<string, ModelVersions> Served() => _entries
        .Select(entry => entry.Model)
        .OfType<RecurrentModel>()
        .GroupBy(model => model.Name, StringComparer.Ordinal)
        .ToFrozenDictionary(
            group => group.Key,
            group => new ModelVersions([.. group.OrderByDescending(model => model.Version)], _rules),
            StringComparer.Ordinal);

    RecurrentModel? Named(string name, int? version, Caller? caller, out ModelVersions versions)
    {
        var served = _served;
        caller ??= Caller.Anyone;
        if (caller.Sees(name) && served.TryGetValue(name, out versions!))
        {
            return version is null ? null : versions.Get(version.Value);
        }

        var at = name.LastIndexOf('@');
        if (at < 0 || !caller.Sees(name[..at]) || !served.TryGetValue(name[..at], out versions!))
        {
            throw NotLoaded(caller);
        }

        return version is null
            ? versions.Labelled(name[(at + 1)..])
            : throw EngineException.Input("/version", $"'{name}' names a version by its label; leave the number out.");
    }

    ModelEntry? EntryOf(ModelPlace place) => _entries.FirstOrDefault(entry => entry.Source == place.Source);

    List<ModelStatus> Statuses(Func<ModelEntry, bool> which) =>
        [.. _entries.Where(which).OrderBy(entry => entry.Name, StringComparer.Ordinal).ThenByDescending(entry => entry.Version).Select(entry => entry.Status)];

    internal static EngineException NotInFolder(string name, int? version) => new(
        ErrorKind.ModelNotFound, $"There is no model '{name}'{(version is null ? "" : $" version {version}")} in the model folder.");

    internal EngineException NotLoaded(Caller caller) => new(
        ErrorKind.ModelNotFound,
        $"No model of that name is loaded. Loaded are: {string.Join(", ", _served.Keys.Where(caller.Sees).Order(StringComparer.Ordinal))}.");

    internal void ExpectExplicit()
    {
        if (Control != ModelControl.Explicit)
        {
            throw new EngineException(
                ErrorKind.ModelsFixed,
                Control == ModelControl.Poll
                    ? "This server follows its model folder (Models:Control=Poll): change the models there."
                    : "This server's models stay as they were at its start (Models:Control=None); Models:Control=Explicit lets calls load and unload them.");
        }
    }
}
