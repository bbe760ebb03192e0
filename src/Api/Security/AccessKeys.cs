using System.Security.Cryptography;

namespace Rnn.Api.Security;

/// <summary>The keys that are taken, and whether the server is open without one. Until that is decided it is closed.</summary>
sealed class AccessKeys
{
    volatile IReadOnlyList<AccessKey> _keys;
    volatile bool _isOpen;

    /// <exception cref="InvalidOperationException">A key, or the file of keys, can't be used.</exception>
    public AccessKeys(AccessOptions options)
    {
        _keys = [.. Of(options.Keys, "Access:Keys"), .. options.KeyFile is { } file ? Of(Read(file), "Access:KeyFile, Keys") : []];
        if (_keys.CountBy(key => Convert.ToHexString(key.Hash)).Any(hash => hash.Value > 1))
        {
            throw new InvalidOperationException("Two of the keys of Access:Keys and Access:KeyFile have the same Hash; whose calls with it are could not be told.");
        }

        HasNone = _keys.Count == 0 && options.Jwt is null;
        _isOpen = options.AllowAnonymous;
    }

    /// <summary>Whether neither keys nor tokens are configured.</summary>
    public bool HasNone { get; }

    /// <summary>Whether calls need no key.</summary>
    public bool IsOpen => _isOpen;

    /// <summary>Takes calls without a key from now on.</summary>
    public void Open() => _isOpen = true;

    /// <summary>Takes a further key.</summary>
    public void Add(AccessKey key) => _keys = [.. _keys, key];

    /// <summary>The key that was presented; null if it is none. How long this takes says nothing of how close it came.</summary>
    public AccessKey? Find(string presented)
    {
        var hash = AccessKey.HashOf(presented);
        AccessKey? found = null;
        foreach (var key in _keys)
        {
            if (CryptographicOperations.FixedTimeEquals(hash, key.Hash))
            {
                found = key;
            }
        }

        return found;
    }

    static IEnumerable<AccessKey> Of(IEnumerable<KeyOptions> keys, string place) => keys.Select((key, index) => AccessKey.Of(key, $"{place}:{index}"));

    // A configuration of its own: in the server's, the keys of two places would run into each other.
    static KeyOptions[] Read(string file)
    {
        var path = Path.Combine(AppContext.BaseDirectory, file);
        try
        {
            var settings = new ConfigurationBuilder().AddJsonFile(path, optional: false).Build();
            if (settings.AsEnumerable().FirstOrDefault(setting => setting.Value is "") is { Key: { } empty })
            {
                throw new InvalidDataException($"{empty} is empty; name something there, or leave it out.");
            }

            return settings.Get<KeyFile>(binder => binder.ErrorOnUnknownConfiguration = true) is { Keys: { Length: > 0 } keys }
                ? keys
                : throw new InvalidDataException("It holds no Keys.");
        }
        catch (Exception exception) when (exception is IOException or InvalidDataException or InvalidOperationException or UnauthorizedAccessException)
        {
            throw new InvalidOperationException($"Access:KeyFile '{file}' can't be read: {exception.GetBaseException().Message}", exception);
        }
    }

    sealed class KeyFile
    {
        public KeyOptions[] Keys { get; init; } = [];
    }
}
