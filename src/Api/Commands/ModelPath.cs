using Rnn.Engine;
using Rnn.Engine.Models;

namespace Rnn.Api.Commands;

/// <summary>What a path on the command line means: a folder that holds a model, or a file of weights.</summary>
static class ModelPath
{
    /// <summary>A file's model, or that of the folder.</summary>
    /// <exception cref="EngineException">There is nothing at the path.</exception>
    public static ModelSource Source(string path)
    {
        var full = Path.GetFullPath(path.Length > 0 ? path : throw EngineException.Model("The path is empty."));
        if (Directory.Exists(full))
        {
            return ModelSource.IsModel(full) ? new ModelSource(full) : throw EngineException.Model($"'{path}' holds no model: neither a model.json nor a file of weights.");
        }

        return File.Exists(full)
            ? new ModelSource(Path.GetDirectoryName(full)!, Path.GetFileName(full))
            : throw EngineException.Model($"There is no file or folder '{path}'.");
    }

    /// <summary>The name that a path gives a model.</summary>
    public static string Name(string path) => Path.GetFileName(Path.TrimEndingDirectorySeparator(Path.GetFullPath(path)));
}
